import type { QueryOptions } from '../../odata/parseQueryOptions.ts';
import { selectPage, type Page, type Selectable } from '../../odata/selectPage.ts';
import { largestPage } from '../answerEntities.ts';
import { findVisible, type AlertStore } from './AlertStore.ts';
import type { AlertVersion } from './AlertVersion.ts';

/** An alert as a query sees it. */
export interface VisibleAlert extends Selectable {
  readonly version: AlertVersion;
}

/** Runs a query against what is visible at this instant. */
export function selectAlerts(store: AlertStore, options: QueryOptions, nowTicks: bigint): Page<VisibleAlert> {
  return selectPage(listVisible(store, nowTicks), options, largestPage);
}

function* listVisible(store: AlertStore, nowTicks: bigint): Iterable<VisibleAlert> {
  for (const alert of store.list()) {
    const version = findVisible(alert, nowTicks);
    if (version !== undefined)
      yield { key: alert.key, place: alert.place, comparable: version.comparable, version };
  }
}
