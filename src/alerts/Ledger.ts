import type { AlertOrigin, AlertVersion } from './AlertVersion.ts';
import type { Ticks } from './ticks.ts';

/** Which versions were handed over. A batch holds versions of one group (`ledgerGroup`) only. */
export interface Ledger {
  /** Those of the batch that were handed over before. */
  findHandedOver(
    group: string,
    batch: readonly AlertVersion[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<AlertVersion>>;

  /** Notes the whole batch as handed over, all of it or nothing. Noting a version twice changes nothing. */
  record(group: string, batch: readonly AlertVersion[], signal: AbortSignal): Promise<void>;

  /** Deletes some rows of days before the horizon. @returns whether there are more. */
  forget(origin: AlertOrigin, horizon: Ticks, signal: AbortSignal): Promise<boolean>;
}
