import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../runtime/Clock.ts';
import { joinKey, sha256 } from '../storage/keys.ts';
import { findEntity, replaceEntity, type EntityKeys } from '../storage/replaceEntity.ts';
import { StorageError } from '../storage/StorageError.ts';
import type { AlertHistory, DeliveryClaim } from './AlertHistory.ts';
import type { AlertEnvelope } from './envelope.ts';

/** The table that holds the first and last version delivered of each alert. */
export const ALERT_TABLE = 'alerts';

/** Longer than a delivery may take; after a crash, another try may begin then. */
const CLAIM_MS = 5 * 60_000;

interface HistoryRow extends EntityKeys {
  /** Empty until a version was delivered. */
  firstVersion: string;
  lastVersion: string;
  /** Milliseconds since the Unix epoch, as text; empty when nothing is being delivered. */
  claimedUntil: string;
}

/** Keeps the history in Table Storage, spread over partitions by a digest of the alert's id. */
export class TableAlertHistory implements AlertHistory {
  readonly #table: () => Promise<TableClient>;
  readonly #clock: Clock;

  constructor(table: () => Promise<TableClient>, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async claim(envelope: AlertEnvelope, signal: AbortSignal): Promise<DeliveryClaim | 'stale' | 'busy'> {
    const stored = await this.#find(envelope, signal);
    const row = stored?.row ?? {
      ...keysOf(envelope),
      firstVersion: '',
      lastVersion: '',
      claimedUntil: '',
      writeId: '',
    };
    if (isStale(envelope.alertVersion, row.lastVersion)) return 'stale';
    if (Number(row.claimedUntil) > this.#clock.now()) return 'busy';

    const claimed = { ...row, claimedUntil: String(this.#clock.now() + CLAIM_MS) };
    const etag = await this.#write(claimed, stored?.etag, signal);
    if (etag === undefined) return 'busy';
    const finish = async (change: Partial<HistoryRow>, finishSignal: AbortSignal) => {
      // Lost only when the claim ran out meanwhile; then the other delivery writes what is true.
      await this.#write({ ...row, ...change, claimedUntil: '' }, etag, finishSignal);
    };
    return {
      change: row.lastVersion === '' ? 'created' : 'updated',
      settle: (finishSignal) =>
        finish(
          {
            firstVersion: row.firstVersion || envelope.alertVersion,
            lastVersion: envelope.alertVersion,
          },
          finishSignal,
        ),
      release: (finishSignal) => finish({}, finishSignal),
    };
  }

  async #find(
    envelope: AlertEnvelope,
    signal: AbortSignal,
  ): Promise<{ row: HistoryRow; etag: string } | undefined> {
    const keys = keysOf(envelope);
    const found = await findEntity(await this.#table(), keys, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StorageError('Read alert history', error);
    });
    if (!found) return undefined;
    const { firstVersion = '', lastVersion = '', claimedUntil = '' } = found as Partial<HistoryRow>;
    return { row: { ...keys, firstVersion, lastVersion, claimedUntil }, etag: found.etag };
  }

  /** @returns the new ETag, or undefined when somebody else wrote the row meanwhile. */
  async #write(row: HistoryRow, etag: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    return await replaceEntity(await this.#table(), row, etag, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StorageError('Write alert history', error);
    });
  }
}

/** Dated versions order as texts; an undated one is stale only when it is the very one that was delivered last. */
function isStale(version: string, lastVersion: string): boolean {
  const areDated = /^\d/.test(version) && /^\d/.test(lastVersion);
  return version === lastVersion || (areDated && version < lastVersion);
}

function keysOf({ tenantId, source, alertId }: AlertEnvelope): EntityKeys {
  return { partitionKey: sha256(alertId).slice(0, 2), rowKey: joinKey(tenantId, source, alertId) };
}
