import { isSelected } from './isSelected.ts';
import { compareBy } from './parseOrderBy.ts';
import type { QueryOptions } from './parseQueryOptions.ts';
import type { Comparables } from './toComparables.ts';

/** A record that a query can select. */
export interface Selectable {
  readonly key: string;
  /** Its place in an unordered answer. */
  readonly place: number;
  readonly comparable: Comparables;
}

/** The records of one page, in order. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** True when the query selects more records behind this page. */
  readonly hasMore: boolean;
  /** How many records the query selects, on all pages. */
  readonly total: number;
}

/** Runs a query; `largestPage` is the page size when the query names none. */
export function selectPage<Row extends Selectable>(
  records: Iterable<Row>,
  { filter, orderBy, skip, top }: QueryOptions,
  largestPage: number,
): Page<Row> {
  const selected: Row[] = [];
  for (const record of records) {
    const { comparable } = record;
    if (filter === undefined || isSelected(filter, (name) => comparable[name] ?? null)) selected.push(record);
  }
  selected.sort(
    (left, right) =>
      compareBy(
        orderBy,
        (name) => left.comparable[name] ?? null,
        (name) => right.comparable[name] ?? null,
      ) ||
      left.place - right.place ||
      (left.key < right.key ? -1 : 1),
  );
  const end = skip + (top ?? largestPage);
  return { rows: selected.slice(skip, end), hasMore: selected.length > end, total: selected.length };
}
