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
      for await (const { rowKey, since, etag } of rows) {
        if (rowKey !== undefined) pointers.push({ id: rowKey, since: Number(since), etag });
      }
      return pointers;
    });
  }

  async close(id: string, signal: AbortSignal, etag = '*'): Promise<void> {
    await this.#run('Close operation', signal, async (table) => {
      const options = { etag, abortSignal: withDeadline(signal) };
      await table.deleteEntity(OPEN, id, options).catch((error: unknown) => {
        const status = storageStatus(error);
        if (status !== 404 && status !== 412) throw error;
      });
    });
  }

  async list(query: OperationQuery, signal: AbortSignal): Promise<OperationPage> {
    return await this.#run('List operations', signal, async (table) => {
      const pointers: Pointer[] = [];
      for await (const pointer of this.#pointers(table, query, signal)) {
        if (pointers.length === query.top) {
          return { operations: await this.#readAll(pointers, signal), continuation: pointers.at(-1)?.key };
        }
        pointers.push(pointer);
      }
      return { operations: await this.#readAll(pointers, signal), continuation: undefined };
    });
  }

  async #readAll(pointers: readonly Pointer[], signal: AbortSignal): Promise<Operation[]> {
    const found = await Promise.all(
      pointers.map(async ({ id, key }) => ({ key, stored: await this.read(id, signal) })),
    );
    // Whoever loses the race to create an operation, or dies in it, leaves a pointer with another instant.
    return found.flatMap(({ key, stored }) =>
      stored && dayKeysOf(stored.operation).rowKey === key ? [stored.operation] : [],
    );
  }

  async *#pointers(table: TableClient, query: OperationQuery, signal: AbortSignal): AsyncGenerator<Pointer> {
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

/** One row of a day. */
interface Pointer {
  readonly key: string;
  readonly id: string;
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
