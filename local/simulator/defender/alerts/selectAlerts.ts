import type { QueryOptions } from '../../odata/parseQueryOptions.ts';
import { selectPage, type Page, type Selectable } from '../../odata/selectPage.ts';
import { largestPage } from '../answerEntities.ts';
import type { Viewpoint } from '../roles/Viewpoint.ts';
import { findVisible, type AlertStore } from './AlertStore.ts';
import type { AlertVersion } from './AlertVersion.ts';

/** An alert as a query sees it. */
export interface VisibleAlert extends Selectable {
  readonly version: AlertVersion;
}

/** What alerts are seen of a store: those indexed by now, and only those that the caller may see. */
export interface AlertSight {
  readonly store: AlertStore;
  readonly nowTicks: bigint;
  readonly viewpoint: Viewpoint;
}

/** Runs a query against what is visible at this instant. */
export function selectAlerts(sight: AlertSight, options: QueryOptions): Page<VisibleAlert> {
  return selectPage(listVisibleAlerts(sight), options, largestPage);
}

/** The alert with this id as a query sees it; undefined when it does not. */
export function findVisibleAlert(
  { store, nowTicks, viewpoint }: AlertSight,
  id: string,
): AlertVersion | undefined {
  const alert = store.find(id);
  const version = alert === undefined ? undefined : findVisible(alert, nowTicks);
  return version !== undefined && viewpoint.seesAlert(version.fields) ? version : undefined;
}

/** Every alert that is seen, in no particular order. */
export function* listVisibleAlerts({ store, nowTicks, viewpoint }: AlertSight): Iterable<VisibleAlert> {
  for (const alert of store.list()) {
    const version = findVisible(alert, nowTicks);
    if (version !== undefined && viewpoint.seesAlert(version.fields))
      yield { key: alert.key, place: alert.place, comparable: version.comparable, version };
  }
}
