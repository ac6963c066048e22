import { ticksPerMillisecond } from '../clock/ticks.ts';
import type { AlertStore } from '../defender/alerts/AlertStore.ts';
import { createAlertVersion } from '../defender/alerts/AlertVersion.ts';
import { createHistory, type HistoryOrder } from './history.ts';
import type { Scheduler } from './Scheduler.ts';

/** Puts the history into the store; with a scheduler, changes that are still to come happen when they are due. */
export function loadHistory(store: AlertStore, order: HistoryOrder, scheduler: Scheduler | undefined): void {
  for (const { alert, change } of createHistory(order)) {
    store.add(alert.id, createAlertVersion({ ...alert }, 0n));
    if (change === undefined) continue;
    const version = createAlertVersion({ ...alert, ...change.fields }, change.atTicks);
    if (change.atTicks < order.nowTicks) {
      store.update(alert.id, version, order.nowTicks);
      continue;
    }
    const delayMs = Number((change.atTicks - order.nowTicks) / ticksPerMillisecond);
    scheduler?.after(delayMs, () => {
      // A PATCH meanwhile has made this change obsolete.
      if (store.find(alert.id)?.versions.length === 1) store.update(alert.id, version, change.atTicks);
    });
  }
}
