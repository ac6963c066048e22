import { isSelected } from '../../odata/isSelected.ts';
import { compareBy } from '../../odata/parseOrderBy.ts';
import type { QueryOptions } from '../../odata/parseQueryOptions.ts';
import { findVisible, type AlertStore } from './AlertStore.ts';
import { largestPage } from './alertRules.ts';
import type { AlertVersion } from './AlertVersion.ts';

/** The alerts of one page, in order. */
export interface AlertPage {
  readonly rows: readonly { readonly key: string; readonly version: AlertVersion }[];
  /** True when the query selects more alerts behind this page. */
  readonly hasMore: boolean;
}

/** Runs a query against what is visible at this instant. */
export function selectAlerts(store: AlertStore, options: QueryOptions, nowTicks: bigint): AlertPage {
  const { filter, orderBy, skip, top = largestPage } = options;
  const selected: { key: string; place: number; version: AlertVersion }[] = [];
  for (const alert of store.list()) {
    const version = findVisible(alert, nowTicks);
    if (version === undefined) continue;
    if (filter === undefined || isSelected(filter, (name) => version.comparable[name] ?? null)) {
      selected.push({ key: alert.key, place: alert.place, version });
    }
  }
  selected.sort(
    (left, right) =>
      compareBy(
        orderBy,
        (name) => left.version.comparable[name] ?? null,
        (name) => right.version.comparable[name] ?? null,
      ) ||
      left.place - right.place ||
      (left.key < right.key ? -1 : 1),
  );
  return { rows: selected.slice(skip, skip + top), hasMore: selected.length > skip + top };
}
