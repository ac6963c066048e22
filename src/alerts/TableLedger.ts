import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { MAX_TRANSACTION_OPERATIONS } from '../storage/limits.ts';
import { StorageError, storageStatus } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import type { AlertOrigin, AlertVersion } from './AlertVersion.ts';
import type { Ledger } from './Ledger.ts';
import { ledgerGroupsBefore, ledgerRow } from './ledgerKeys.ts';
import type { Ticks } from './ticks.ts';

/** The table whose rows say "handed over" by being there. */
export const LEDGER_TABLE = 'ledger';

/** One page of a table query; the service gives no more at once. */
const QUERY_PAGE = 1000;

/** Keeps the ledger in Table Storage. */
export class TableLedger implements Ledger {
  readonly #table: () => Promise<TableClient>;

  constructor(table: () => Promise<TableClient>) {
    this.#table = table;
  }

  async findHandedOver(
    group: string,
    batch: readonly AlertVersion[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<AlertVersion>> {
    const byRow = new Map(batch.map((version) => [ledgerRow(version), version]));
    const rows = [...byRow.keys()].sort();
    const known = new Set<AlertVersion>();
    const note = (row: string) => {
      const version = byRow.get(row);
      if (version) known.add(version);
    };
    try {
      const filter = odata`PartitionKey eq ${group} and RowKey ge ${rows[0] ?? ''} and RowKey le ${rows.at(-1) ?? ''}`;
      const found = await readPage(await this.#table(), filter, withDeadline(signal));
      for (const { rowKey } of found.rows) note(rowKey);
      // The range holds more rows than one answer: the rest of the batch is looked up row by row.
      const lastRead = found.rows.at(-1)?.rowKey ?? '';
      const unread = found.hasMore ? rows.filter((row) => row > lastRead) : [];
      await Promise.all(
        unread.map(async (row) => {
          if (await this.#exists(group, row, signal)) note(row);
        }),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError('Read ledger', error);
    }
    return known;
  }

  async record(group: string, batch: readonly AlertVersion[], signal: AbortSignal): Promise<void> {
    const table = await this.#table();
    // Upserts, so that a transaction whose answer was lost can be repeated.
    const actions = batch.map((version): TransactionAction => {
      return ['upsert', { partitionKey: group, rowKey: ledgerRow(version) }, 'Replace'];
    });
    try {
      await table.submitTransaction(actions, { abortSignal: withDeadline(signal) });
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError('Write ledger', error);
    }
  }

  async forget(origin: AlertOrigin, horizon: Ticks, signal: AbortSignal): Promise<boolean> {
    const [first, end] = ledgerGroupsBefore(origin, horizon);
    const table = await this.#table();
    try {
      const { rows, hasMore } = await readPage(
        table,
        odata`PartitionKey ge ${first} and PartitionKey lt ${end}`,
        withDeadline(signal),
      );
      for (const group of new Set(rows.map((row) => row.partitionKey))) {
        const ofGroup = rows.filter((row) => row.partitionKey === group);
        for (let start = 0; start < ofGroup.length; start += MAX_TRANSACTION_OPERATIONS) {
          const actions = ofGroup
            .slice(start, start + MAX_TRANSACTION_OPERATIONS)
            .map(({ partitionKey, rowKey }): TransactionAction => ['delete', { partitionKey, rowKey }]);
          await this.#delete(table, actions, signal);
        }
      }
      return hasMore;
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError('Delete old ledger rows', error);
    }
  }

  /** A transaction whose answer was lost is repeated by the SDK, and then finds the rows gone. */
  async #delete(table: TableClient, actions: TransactionAction[], signal: AbortSignal): Promise<void> {
    try {
      await table.submitTransaction(actions, { abortSignal: withDeadline(signal) });
    } catch (error) {
      if (storageStatus(error) !== 404) throw error;
    }
  }

  async #exists(group: string, row: string, signal: AbortSignal): Promise<boolean> {
    const table = await this.#table();
    try {
      await table.getEntity(group, row, { abortSignal: withDeadline(signal) });
      return true;
    } catch (error) {
      if (storageStatus(error) === 404) return false;
      throw error;
    }
  }
}

interface FoundRows {
  readonly rows: readonly { readonly partitionKey: string; readonly rowKey: string }[];
  readonly hasMore: boolean;
}

/** One answer of the service; it may hold fewer rows than a page and still not be the last. */
async function readPage(table: TableClient, filter: string, abortSignal: AbortSignal): Promise<FoundRows> {
  const pages = table
    .listEntities({ queryOptions: { filter, select: ['PartitionKey', 'RowKey'] }, abortSignal })
    .byPage({ maxPageSize: QUERY_PAGE });
  for await (const page of pages) {
    const rows = page.map(({ partitionKey = '', rowKey = '' }) => ({ partitionKey, rowKey }));
    return { rows, hasMore: page.continuationToken !== undefined };
  }
  return { rows: [], hasMore: false };
}
