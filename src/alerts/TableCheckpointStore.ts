import { randomUUID } from 'node:crypto';
import type { TableClient } from '@azure/data-tables';
import { joinKey } from '../storage/keys.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import { StorageError, storageStatus } from '../storage/StorageError.ts';
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
    const row = await this.#find(origin, signal);
    return row && { ...fromRow(origin, row), etag: row.etag };
  }

  async write(
    origin: AlertOrigin,
    { checkpoint, lease }: { checkpoint: Checkpoint; lease: Lease },
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const table = await this.#table();
    const writeId = randomUUID();
    const entity = { ...keysOf(origin), ...toRow(origin, checkpoint, lease), writeId };
    const options = { abortSignal: withDeadline(signal) };
    try {
      const written =
        etag === undefined
          ? await table.createEntity(entity, options)
          : await table.updateEntity(entity, 'Replace', { ...options, etag });
      return written.etag ?? '';
    } catch (error) {
      signal.throwIfAborted();
      const status = storageStatus(error);
      if (status !== 409 && status !== 412 && status !== 404)
        throw new StorageError('Write checkpoint', error);
      // The SDK repeats a write whose answer was lost, and the repetition meets the row that the first one wrote.
      const stored = await this.#find(origin, signal);
      if (stored?.writeId === writeId) return stored.etag;
      throw new CheckpointLost();
    }
  }

  async #find(
    origin: AlertOrigin,
    signal: AbortSignal,
  ): Promise<(Record<string, unknown> & { etag: string }) | undefined> {
    const table = await this.#table();
    const { partitionKey, rowKey } = keysOf(origin);
    try {
      return await table.getEntity(partitionKey, rowKey, { abortSignal: withDeadline(signal) });
    } catch (error) {
      signal.throwIfAborted();
      if (storageStatus(error) === 404) return undefined;
      throw new StorageError('Read checkpoint', error);
    }
  }
}

function keysOf({ tenantId, source }: AlertOrigin): { partitionKey: string; rowKey: string } {
  return { partitionKey: joinKey(tenantId), rowKey: joinKey(source) };
}
