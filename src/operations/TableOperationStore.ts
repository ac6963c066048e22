import { odata, type TableClient } from '@azure/data-tables';
import { AppError } from '../runtime/AppError.ts';
import { findEntity, replaceEntity, type EntityKeys } from '../storage/replaceEntity.ts';
import { StorageError, storageStatus } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import { isOver, type Operation, type StoredOperation } from './Operation.ts';
import { fromRow, toRow } from './operationRow.ts';
import type { OpenPointer, OperationPage, OperationQuery, OperationStore } from './OperationStore.ts';

/** The table of all operations. */
export const OPERATION_TABLE = 'operations';

const OPEN = 'open';
const DAY_MS = 24 * 60 * 60_000;
/** After the largest instant that a Date holds, so that rows sort newest first. */
const END_OF_TIME_MS = 8.64e15;

/**
 * Keeps operations in Table Storage: the operation itself by its id, and two kinds of pointers that are written before it
 * and mean nothing without it: one row per day and instant for lists, one row while it is open.
 */
export class TableOperationStore implements OperationStore {
  readonly #table: () => Promise<TableClient>;

  constructor(table: () => Promise<TableClient>) {
    this.#table = table;
  }

  async read(id: string, signal: AbortSignal): Promise<StoredOperation | undefined> {
    return await this.#run('Read operation', signal, async (table) => {
      const row = await findEntity(table, keysOf(id), signal);
      return row && { operation: fromRow(id, row), etag: row.etag };
    });
  }

  async create(operation: Operation, signal: AbortSignal): Promise<StoredOperation | undefined> {
    return await this.#run('Create operation', signal, async (table) => {
      const options = { abortSignal: withDeadline(signal) };
      const { id, request } = operation;
      const pointer = {
        operationId: id,
        deviceId: request.device.id,
        deviceName: request.device.name?.toLowerCase() ?? '',
        callerId: request.caller.id,
      };
      await Promise.all([
        table.upsertEntity(
          { partitionKey: OPEN, rowKey: id, since: operation.createdAt },
          'Replace',
          options,
        ),
        table.upsertEntity({ ...dayKeysOf(operation), ...pointer }, 'Replace', options),
      ]);
      const etag = await replaceEntity(table, { ...keysOf(id), ...toRow(operation) }, undefined, signal);
      return etag === undefined ? undefined : { operation, etag };
    });
  }

  async replace(
    stored: StoredOperation,
    operation: Operation,
    signal: AbortSignal,
  ): Promise<StoredOperation | undefined> {
    return await this.#run('Write operation', signal, async (table) => {
      const entity = { ...keysOf(operation.id), ...toRow(operation) };
      const etag = await replaceEntity(table, entity, stored.etag, signal);
      if (etag === undefined) return undefined;
      if (isOver(operation)) await this.close(operation.id, signal);
      return { operation, etag };
    });
  }

  async listOpen(signal: AbortSignal): Promise<OpenPointer[]> {
    return await this.#run('List open operations', signal, async (table) => {
      const pointers: OpenPointer[] = [];
      const queryOptions = { filter: odata`PartitionKey eq ${OPEN}` };
      const rows = table.listEntities({ queryOptions, abortSignal: withDeadline(signal) });
      for await (const { rowKey, since } of rows) {
        if (rowKey !== undefined) pointers.push({ id: rowKey, since: Number(since) });
      }
      return pointers;
    });
  }

  async close(id: string, signal: AbortSignal): Promise<void> {
    await this.#run('Close operation', signal, async (table) => {
      await table.deleteEntity(OPEN, id, { abortSignal: withDeadline(signal) }).catch((error: unknown) => {
        if (storageStatus(error) !== 404) throw error;
      });
    });
  }

  async list(query: OperationQuery, signal: AbortSignal): Promise<OperationPage> {
    return await this.#run('List operations', signal, async (table) => {
      const ids: string[] = [];
      let last: string | undefined;
      for await (const { key, id } of this.#pointers(table, query, signal)) {
        if (ids.length === query.top)
          return { operations: await this.#readAll(ids, signal), continuation: last };
        ids.push(id);
        last = key;
      }
      return { operations: await this.#readAll(ids, signal), continuation: undefined };
    });
  }

  async #readAll(ids: readonly string[], signal: AbortSignal): Promise<Operation[]> {
    const found = await Promise.all(ids.map((id) => this.read(id, signal)));
    return found.flatMap((stored) => (stored ? [stored.operation] : []));
  }

  async *#pointers(table: TableClient, query: OperationQuery, signal: AbortSignal) {
    // Partitions of days begin with `day-` and the inverted day, so one range query goes from the newest to the oldest.
    const filters = [
      ...(query.continuation === undefined
        ? [odata`PartitionKey ge 'day-'`]
        : [
            odata`PartitionKey ge ${dayPartition(createdAtOf(query.continuation))} and RowKey gt ${query.continuation}`,
          ]),
      odata`PartitionKey le ${dayPartition(query.since)}`,
      ...(query.callerId === undefined ? [] : [odata`callerId eq ${query.callerId}`]),
      ...(query.device === undefined
        ? []
        : [odata`(deviceId eq ${query.device} or deviceName eq ${query.device})`]),
    ];
    const queryOptions = { filter: filters.join(' and ') };
    const rows = table.listEntities({ queryOptions, abortSignal: withDeadline(signal) });
    for await (const { rowKey = '', operationId: id } of rows) {
      if (typeof id === 'string' && createdAtOf(rowKey) >= query.since) yield { key: rowKey, id };
    }
  }

  async #run<T>(what: string, signal: AbortSignal, work: (table: TableClient) => Promise<T>): Promise<T> {
    const table = await this.#table();
    try {
      return await work(table);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof AppError ? error : new StorageError(what, error);
    }
  }
}

function keysOf(id: string): EntityKeys {
  return { partitionKey: `operation-${id.slice(0, 2)}`, rowKey: id };
}

function dayKeysOf({ id, createdAt }: Operation): EntityKeys {
  return { partitionKey: dayPartition(createdAt), rowKey: `${invert(createdAt)}-${id}` };
}

function dayPartition(ms: number): string {
  return `day-${invert(Math.floor(ms / DAY_MS) * DAY_MS)}`;
}

function invert(ms: number): string {
  return String(END_OF_TIME_MS - ms).padStart(16, '0');
}

function createdAtOf(rowKey: string): number {
  return END_OF_TIME_MS - Number(rowKey.slice(0, 16));
}
