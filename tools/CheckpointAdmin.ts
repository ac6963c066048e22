import { odata, type TableClient } from '@azure/data-tables';
import { createCheckpoint, type StoredCheckpoint } from '../src/alerts/Checkpoint.ts';
import { isHeld } from '../src/alerts/CheckpointHold.ts';
import { CheckpointUntrusted } from '../src/alerts/CheckpointUntrusted.ts';
import { TableCheckpointStore } from '../src/alerts/TableCheckpointStore.ts';
import type { AlertOrigin } from '../src/alerts/AlertVersion.ts';
import { formatTicks, fromUnixMs, parseTicks, type Ticks } from '../src/alerts/ticks.ts';
import type { Clock } from '../src/runtime/Clock.ts';
import { joinKey } from '../src/storage/keys.ts';
import { UsageError } from './runCommand.ts';

/** A row of the table as it is, whether or not it can be understood. */
export type RawRow = Readonly<Record<string, unknown>>;

/** A repair, kept beside the checkpoint that it changed. */
export interface Repair {
  readonly action: 'set' | 'reset';
  readonly reason: string;
  readonly by: string;
  /** The new watermark; empty after a reset. */
  readonly watermark: string;
  readonly previousWatermark: string;
}

const COMMAND_TIMEOUT_MS = 60_000;

/** What an operator may do to checkpoints. Every change is refused while a run holds the row, and leaves a record. */
export class CheckpointAdmin {
  readonly #table: TableClient;
  readonly #store: TableCheckpointStore;
  readonly #clock: Clock;

  constructor(table: TableClient, clock: Clock) {
    this.#table = table;
    this.#store = new TableCheckpointStore(() => Promise.resolve(table));
    this.#clock = clock;
  }

  /** All checkpoints and repairs, as they are stored. */
  async list(): Promise<RawRow[]> {
    const rows: RawRow[] = [];
    for await (const row of this.#table.listEntities()) rows.push(row);
    return rows;
  }

  /** Moves the watermark; what lies between the old and the new one is read again, or skipped when it is moved ahead. */
  async set(origin: AlertOrigin, watermark: Ticks, reason: string, by: string): Promise<Repair> {
    const now = fromUnixMs(this.#clock.now());
    if (watermark > now) throw new UsageError('The watermark cannot be in the future.');
    const { stored, etag, previousWatermark } = await this.#readIdle(origin);
    const fresh = createCheckpoint(watermark, now);
    const checkpoint = stored
      ? {
          ...stored.checkpoint,
          watermark,
          rereadFrom: watermark,
          startedFrom: stored.checkpoint.startedFrom < watermark ? stored.checkpoint.startedFrom : watermark,
          sweep: undefined,
        }
      : fresh;
    const lease = { epoch: (stored?.lease.epoch ?? 0) + 1, owner: undefined, until: this.#clock.now() };
    await this.#store.write(origin, { checkpoint, lease }, etag, this.#signal());
    return await this.#record(origin, {
      action: 'set',
      reason,
      by,
      watermark: formatTicks(watermark),
      previousWatermark,
    });
  }

  /** Deletes the checkpoint, so that the next run begins as the first one did. */
  async reset(origin: AlertOrigin, reason: string, by: string): Promise<Repair> {
    const { etag, previousWatermark } = await this.#readIdle(origin);
    if (etag === undefined)
      throw new UsageError('There is no such checkpoint; see `npm run checkpoint -- show`.');
    await this.#table.deleteEntity(joinKey(origin.tenantId), joinKey(origin.source), {
      etag,
      abortSignal: this.#signal(),
    });
    return await this.#record(origin, { action: 'reset', reason, by, watermark: '', previousWatermark });
  }

  async #readIdle(origin: AlertOrigin): Promise<{
    stored: StoredCheckpoint | undefined;
    etag: string | undefined;
    previousWatermark: string;
  }> {
    const raw = await this.#findRaw(origin);
    const etag = typeof raw?.etag === 'string' ? raw.etag : undefined;
    const previousWatermark = typeof raw?.watermark === 'string' ? raw.watermark : '';
    try {
      const stored = await this.#store.read(origin, this.#signal());
      if (stored && isHeld(stored, this.#clock.now())) {
        const until = new Date(stored.lease.until).toISOString();
        throw new UsageError(
          `A run holds the checkpoint until ${until}. Stop the function app, or try again then.`,
        );
      }
      return { stored, etag, previousWatermark };
    } catch (error) {
      if (!(error instanceof CheckpointUntrusted)) throw error;
      return { stored: undefined, etag, previousWatermark };
    }
  }

  async #findRaw({ tenantId, source }: AlertOrigin): Promise<RawRow | undefined> {
    const filter = odata`PartitionKey eq ${joinKey(tenantId)} and RowKey eq ${joinKey(source)}`;
    for await (const row of this.#table.listEntities({ queryOptions: { filter } })) return row;
    return undefined;
  }

  async #record(origin: AlertOrigin, repair: Repair): Promise<Repair> {
    const at = new Date(this.#clock.now()).toISOString();
    const keys = { partitionKey: joinKey(origin.tenantId), rowKey: joinKey(origin.source, 'repair', at) };
    await this.#table.createEntity({ ...keys, ...origin, ...repair, at }, { abortSignal: this.#signal() });
    return repair;
  }

  #signal(): AbortSignal {
    return AbortSignal.timeout(COMMAND_TIMEOUT_MS);
  }
}

/** @throws UsageError when the text is no timestamp. */
export function parseWatermark(text: string): Ticks {
  const ticks = parseTicks(text);
  if (ticks === undefined) {
    throw new UsageError(`'${text}' is not a timestamp; write it as 2026-11-21T08:00:00Z.`);
  }
  return ticks;
}
