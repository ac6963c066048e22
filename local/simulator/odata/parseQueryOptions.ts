import type { FilterExpression, FilterSchema } from './FilterExpression.ts';
import { ODataError } from './ODataError.ts';
import { parseFilter } from './parseFilter.ts';
import { parseOrderBy, type OrderKey } from './parseOrderBy.ts';
import { parseSkipToken } from './skipToken.ts';

/** What a collection allows in its query. */
export interface CollectionRules {
  readonly filter: FilterSchema;
  /** Absent: `$orderby` is refused. */
  readonly orderBy?: FilterSchema;
  /** Absent: `$expand` is refused. */
  readonly expandable?: readonly string[];
  readonly largestTop: number;
  /** Absent: none. */
  readonly largestSkip?: number;
  /** True when `$count` is documented. */
  readonly hasCount?: boolean;
  /** True when links to the next page carry a `$skiptoken`. */
  readonly hasSkipToken?: boolean;
  /** True for a single record, which is neither filtered nor paged. */
  readonly isEntity?: boolean;
}

/** The parsed query of a collection. */
export interface QueryOptions {
  readonly filter?: FilterExpression;
  readonly top?: number;
  readonly skip: number;
  readonly orderBy: readonly OrderKey[];
  readonly expand: readonly string[];
  /** True when the answer tells how many records the query selects. */
  readonly isCounted: boolean;
}

/** Parses the query of a collection; an option that is unknown or given twice is refused with `ODataError`. */
export function parseQueryOptions(query: URLSearchParams, rules: CollectionRules): QueryOptions {
  const { orderBy, expandable, hasCount = false, hasSkipToken = false, isEntity = false } = rules;
  const allowed = [
    ...(isEntity ? [] : ['$filter', '$top', '$skip']),
    ...(orderBy === undefined ? [] : ['$orderby']),
    ...(expandable === undefined ? [] : ['$expand']),
    ...(hasCount ? ['$count'] : []),
    ...(hasSkipToken ? ['$skiptoken'] : []),
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
    skip: parseSkip(query, rules.largestSkip),
    orderBy: parseOptional(query.get('$orderby'), (text) => parseOrderBy(text, orderBy ?? nothing)),
    expand: parseOptional(query.get('$expand'), (text) => parseExpand(text, expandable ?? [])),
    isCounted: parseFlag('$count', query.get('$count')),
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

/** The limit is for `$skip`: links to the next page work beyond it. */
function parseSkip(query: URLSearchParams, largest = Infinity): number {
  const token = query.get('$skiptoken');
  if (token !== null) return parseSkipToken(token);
  const skip = parseCount('$skip', query.get('$skip')) ?? 0;
  if (skip <= largest) return skip;
  throw new ODataError(`The limit of '${largest}' for $skip has been exceeded: '${skip}'.`);
}

function parseFlag(name: string, text: string | null): boolean {
  if (text === null || text === 'true' || text === 'false') return text === 'true';
  throw new ODataError(`Invalid value '${text}' for ${name}: true or false is expected.`);
}

function parseExpand(text: string, expandable: readonly string[]): readonly string[] {
  return text.split(',').map((name) => {
    if (!expandable.includes(name)) throw new ODataError(`The property '${name}' cannot be expanded.`);
    return name;
  });
}
