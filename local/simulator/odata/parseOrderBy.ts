import type { Comparable, FilterSchema } from './FilterExpression.ts';
import { toSingle, type PropertyReader } from './isSelected.ts';
import { ODataError } from './ODataError.ts';

/** One key of an `$orderby`. */
export interface OrderKey {
  readonly property: string;
  readonly isDescending: boolean;
}

/** Parses `$orderby`, most significant key first; throws `ODataError`. */
export function parseOrderBy(text: string, schema: FilterSchema): readonly OrderKey[] {
  return text.split(',').map((part) => {
    const [, name = '', direction = 'asc'] = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/.exec(part) ?? [];
    const property = schema.aliases?.[name] ?? name;
    if (!Object.hasOwn(schema.properties, property))
      throw new ODataError(`Cannot order by '${part.trim()}'.`);
    return { property, isDescending: direction === 'desc' };
  });
}

/** Compares two records by these keys; null comes before every value. 0 when the keys do not decide. */
export function compareBy(keys: readonly OrderKey[], left: PropertyReader, right: PropertyReader): number {
  for (const { property, isDescending } of keys) {
    const order = compare(toSingle(left(property)), toSingle(right(property)));
    if (order !== 0) return isDescending ? -order : order;
  }
  return 0;
}

function compare(left: Comparable | null, right: Comparable | null): number {
  if (left === right) return 0;
  if (left === null || (right !== null && left < right)) return -1;
  return right === null || left > right ? 1 : 0;
}
