import type { TableClient } from '@azure/data-tables';
import { joinKey } from '../storage/keys.ts';
import { findEntity, replaceEntity, type EntityKeys } from '../storage/replaceEntity.ts';
import { StorageError } from '../storage/StorageError.ts';
import type { AlertOrigin } from './AlertVersion.ts';
import type { Checkpoint, Lease, StoredCheckpoint } from './Checkpoint.ts';
import { CheckpointLost } from './CheckpointLost.ts';
import type { CheckpointStore } from './CheckpointStore.ts';
import { fromRow, toRow } from './checkpointRow.ts';

/** The table that holds one row per tenant and source. */
export const CHECKPOINT_TABLE = 'checkpoints';

/** Keeps checkpoints in Table Storage: partition by tenant, one row per source. */
export class TableCheckpointStore implements CheckpointStore {
  readonly #table: () => Promise<TableClient>;

  constructor(table: () => Promise<TableClient>) {
    this.#table = table;
  }

  async read(origin: AlertOrigin, signal: AbortSignal): Promise<StoredCheckpoint | undefined> {
    const table = await this.#table();
    const row = await findEntity(table, keysOf(origin), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StorageError('Read checkpoint', error);
    });
    return row && { ...fromRow(origin, row), etag: row.etag };
  }

  async write(
    origin: AlertOrigin,
    { checkpoint, lease }: { checkpoint: Checkpoint; lease: Lease },
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const entity = { ...keysOf(origin), ...toRow(origin, checkpoint, lease) };
    const table = await this.#table();
    const written = await replaceEntity(table, entity, etag, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StorageError('Write checkpoint', error);
    });
    if (written === undefined) throw new CheckpointLost();
    return written;
  }
}

function keysOf({ tenantId, source }: AlertOrigin): EntityKeys {
  return { partitionKey: joinKey(tenantId), rowKey: joinKey(source) };
}
