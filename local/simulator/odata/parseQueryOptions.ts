import type { FilterExpression, FilterSchema } from './FilterExpression.ts';
import { ODataError } from './ODataError.ts';
import { parseFilter } from './parseFilter.ts';
import { parseOrderBy, type OrderKey } from './parseOrderBy.ts';

/** What a collection allows in its query. */
export interface CollectionRules {
  readonly filter: FilterSchema;
  /** Absent: `$orderby` is refused. */
  readonly orderBy?: FilterSchema;
  /** Absent: `$expand` is refused. */
  readonly expandable?: readonly string[];
  readonly largestTop: number;
}

/** The parsed query of a collection. */
export interface QueryOptions {
  readonly filter?: FilterExpression;
  readonly top?: number;
  readonly skip: number;
  readonly orderBy: readonly OrderKey[];
  readonly expand: readonly string[];
}

/** Parses the query of a collection; an option that is unknown or given twice is refused with `ODataError`. */
export function parseQueryOptions(query: URLSearchParams, rules: CollectionRules): QueryOptions {
  const { orderBy, expandable } = rules;
  const allowed = [
    '$filter',
    '$top',
    '$skip',
    ...(orderBy === undefined ? [] : ['$orderby']),
    ...(expandable === undefined ? [] : ['$expand']),
  ];
  for (const name of query.keys()) {
    if (!allowed.includes(name)) {
      throw new ODataError(`The query option '${name}' is not supported.`);
    }
    if (query.getAll(name).length > 1)
      throw new ODataError(`The query option '${name}' is given more than once.`);
  }
  const filter = query.get('$filter');
  const top = parseCount('$top', query.get('$top'));
  if (top !== undefined && top > rules.largestTop) {
    throw new ODataError(`The limit of '${rules.largestTop}' for $top has been exceeded: '${top}'.`);
  }
  return {
    ...(filter === null ? {} : { filter: parseFilter(filter, rules.filter) }),
    ...(top === undefined ? {} : { top }),
    skip: parseCount('$skip', query.get('$skip')) ?? 0,
    orderBy: parseOptional(query.get('$orderby'), (text) => parseOrderBy(text, orderBy ?? nothing)),
    expand: parseOptional(query.get('$expand'), (text) => parseExpand(text, expandable ?? [])),
  };
}

const nothing: FilterSchema = { properties: {} };

function parseOptional<Item>(text: string | null, parse: (text: string) => readonly Item[]): readonly Item[] {
  return text === null ? [] : parse(text);
}

function parseCount(name: string, text: string | null): number | undefined {
  if (text === null) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value <= 2_147_483_647))
    throw new ODataError(`Invalid value '${text}' for ${name}: a whole number is expected.`);
  return value;
}

function parseExpand(text: string, expandable: readonly string[]): readonly string[] {
  return text.split(',').map((name) => {
    if (!expandable.includes(name)) throw new ODataError(`The property '${name}' cannot be expanded.`);
    return name;
  });
}
