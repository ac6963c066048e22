import { odata, type TableClient } from '@azure/data-tables';
import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import { StorageError, storageStatus } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import type { Tenant, TenantDirectory } from './Tenant.ts';
import { TenantList } from './TenantList.ts';
import { TenantPaused } from './TenantPaused.ts';
import type { Home, TenantRecord } from './TenantRecord.ts';
import { formatTime, TENANT_PARTITION, TENANT_SCHEMA_VERSION, tenantKeys } from './tenantRow.ts';

export { TENANT_TABLE } from './tenantRow.ts';

/** So long a pause may take to be noticed; hundreds of tenants then cost one query and not one each. */
const KEEP_MS = 5_000;

/** A damage is told again, but not at every look. */
const TELL_AGAIN_MS = 3_600_000;

/** How a pull of a tenant went. */
export interface TenantRunEnd {
  /** When it began; milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** An outcome of the pull, or the code of an error. */
  readonly outcome: string;
}

/**
 * The tenants of the table, and the home tenant, which needs no row.
 *
 * Whoever cannot read the table must not go on as if nobody were paused: every method throws StorageError then.
 */
export class TableTenantDirectory implements TenantDirectory {
  readonly #table: () => Promise<TableClient>;
  readonly #home: Home;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  /** When damages were last logged. */
  readonly #told = new Map<string, number>();
  #kept: { readonly at: number; readonly list: Promise<TenantList> } | undefined;

  constructor(table: () => Promise<TableClient>, home: Home, clock: Clock, logger?: Logger) {
    this.#table = table;
    this.#home = { tenantId: home.tenantId, cloud: home.cloud };
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @throws TenantNotFound, TenantPaused, TenantUntrusted */
  async resolve(name: string | undefined, signal: AbortSignal): Promise<Tenant> {
    const tenant = await this.find(name, signal);
    if (!tenant.isEnabled) throw new TenantPaused(tenant.name);
    return tenant;
  }

  /** @throws TenantNotFound, TenantUntrusted */
  async find(name: string | undefined, signal: AbortSignal): Promise<TenantRecord> {
    return (await this.list(signal)).find(name);
  }

  async listEnabled(signal: AbortSignal): Promise<readonly TenantRecord[]> {
    return (await this.list(signal)).tenants.filter(({ isEnabled }) => isEnabled);
  }

  /** All tenants, and the rows that cannot be trusted; at most five seconds old. */
  async list(signal: AbortSignal): Promise<TenantList> {
    const now = this.#clock.now();
    if (!this.#kept || now - this.#kept.at >= KEEP_MS) {
      // Of its own signal: whoever asks first may leave while others wait.
      const list = this.#read(new AbortController().signal);
      this.#kept = { at: now, list };
      list.catch(() => {
        if (this.#kept?.list === list) this.#kept = undefined;
      });
    }
    const list = await this.#kept.list;
    signal.throwIfAborted();
    return list;
  }

  /** Notes how a pull ended. A tenant that was removed meanwhile stays removed. */
  async note({ id, isHome }: Tenant, end: TenantRunEnd, signal: AbortSignal): Promise<void> {
    const isSuccess = end.outcome === 'finished';
    const row = {
      ...tenantKeys(id),
      lastAttempt: formatTime(end.startedAt),
      lastOutcome: end.outcome,
      ...(isSuccess ? { lastSuccess: formatTime(this.#clock.now()) } : {}),
    };
    const options = { abortSignal: withDeadline(signal) };
    const table = await this.#table();
    try {
      // Merged, so that a pause at the same moment is not undone.
      if (isHome) {
        await table.upsertEntity(
          { ...row, schemaVersion: TENANT_SCHEMA_VERSION, tenantId: id },
          'Merge',
          options,
        );
      } else await table.updateEntity(row, 'Merge', options);
    } catch (error) {
      signal.throwIfAborted();
      if (storageStatus(error) !== 404) throw new StorageError('Write tenant', error);
    }
  }

  async #read(signal: AbortSignal): Promise<TenantList> {
    const rows: Record<string, unknown>[] = [];
    const table = await this.#table();
    try {
      const filter = odata`PartitionKey eq ${TENANT_PARTITION}`;
      const found = table.listEntities({ queryOptions: { filter }, abortSignal: withDeadline(signal) });
      for await (const row of found) rows.push(row);
    } catch (error) {
      throw new StorageError('Read tenants', error);
    }
    const list = new TenantList(rows, this.#home);
    for (const { rowKey, why } of list.untrusted) {
      const key = `${rowKey} ${why}`;
      const now = this.#clock.now();
      if (now - (this.#told.get(key) ?? -Infinity) < TELL_AGAIN_MS) continue;
      this.#told.set(key, now);
      this.#logger?.error('tenant_row_untrusted', { tenantId: rowKey, reason: why });
    }
    return list;
  }
}
