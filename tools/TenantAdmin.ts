import { odata, type TableClient } from '@azure/data-tables';
import { CHECKPOINT_TABLE } from '../src/alerts/TableCheckpointStore.ts';
import { LEDGER_TABLE, TableLedger } from '../src/alerts/TableLedger.ts';
import { fromUnixMs } from '../src/alerts/ticks.ts';
import type { Clock } from '../src/runtime/Clock.ts';
import type { Cloud } from '../src/settings/clouds.ts';
import type { StorageAccount } from '../src/storage/StorageAccount.ts';
import { joinKey } from '../src/storage/keys.ts';
import { Consents } from '../src/tenants/Consents.ts';
import { TenantList } from '../src/tenants/TenantList.ts';
import { isTenantName, sharesEntra, type Home, type TenantRecord } from '../src/tenants/TenantRecord.ts';
import {
  TENANT_PARTITION,
  TENANT_SCHEMA_VERSION,
  TENANT_TABLE,
  tenantKeys,
  toTenantRow,
} from '../src/tenants/tenantRow.ts';
import { CheckpointAdmin } from './CheckpointAdmin.ts';
import { UsageError } from './runCommand.ts';

const DAY_MS = 24 * 3_600_000;

/** A tenant that is to be listed. */
export interface NewTenant {
  readonly id: string;
  /** Undefined: the name that it has. */
  readonly name: string | undefined;
  readonly cloud: Cloud;
  readonly by: string;
}

/** What an operator may do to the list of tenants. The app notices within seconds. */
export class TenantAdmin {
  readonly consents: Consents;
  readonly #storage: StorageAccount;
  readonly #home: Home;
  readonly #clock: Clock;

  constructor(storage: StorageAccount, home: Home, clock: Clock) {
    this.consents = new Consents(() => storage.table(TENANT_TABLE), clock);
    this.#storage = storage;
    this.#home = home;
    this.#clock = clock;
  }

  async list(): Promise<TenantList> {
    const table = await this.#table();
    const filter = odata`PartitionKey eq ${TENANT_PARTITION}`;
    const rows: Record<string, unknown>[] = [];
    for await (const row of table.listEntities({ queryOptions: { filter } })) rows.push(row);
    return new TenantList(rows, this.#home);
  }

  /** Lists a tenant, paused; one that is listed keeps everything but its name. @throws UsageError */
  async add({ id, name, cloud, by }: NewTenant, signal: AbortSignal): Promise<TenantRecord> {
    const list = await this.list();
    const known = list.tenants.find((tenant) => tenant.id === id);
    if (list.untrusted.some((row) => row.id === id)) {
      throw new UsageError(`What is stored about ${id} cannot be trusted. Remove it, and add it again.`);
    }
    const chosen = name ?? known?.name;
    if (chosen === undefined) throw new UsageError('Give the tenant a name: --name contoso');
    verifyName(list, id, chosen);
    if (!sharesEntra(cloud, this.#home.cloud)) {
      throw new UsageError(
        `A tenant of the cloud ${cloud} needs a deployment of its own: this one is in ${this.#home.cloud}, whose Entra ` +
          'is another one, and an application is never used across both.',
      );
    }
    if (known && known.cloud !== cloud) {
      throw new UsageError(`${chosen} is listed in the cloud ${known.cloud}. Remove it first.`);
    }
    if (known) {
      await this.#merge(known, { name: chosen });
      return { ...known, name: chosen };
    }
    const consent = await this.consents.findGiven(id, signal);
    const tenant: TenantRecord = {
      ...{ id, name: chosen, cloud, isEnabled: false, isHome: false },
      ...{ addedAt: this.#clock.now(), addedBy: by, consentedAt: consent?.givenAt },
      ...{ lastAttempt: undefined, lastSuccess: undefined, lastOutcome: '' },
    };
    await (await this.#table()).createEntity({ ...tenantKeys(id), ...toTenantRow(tenant) });
    return tenant;
  }

  /** Pauses or resumes. @throws TenantNotFound, TenantUntrusted */
  async setEnabled(text: string, isEnabled: boolean): Promise<TenantRecord> {
    const tenant = (await this.list()).find(text);
    await this.#merge(tenant, { isEnabled });
    return { ...tenant, isEnabled };
  }

  /**
   * Takes a tenant off the list, also one that cannot be trusted.
   *
   * @param withCheckpoint also forgets how far it was pulled and what was handed over; refused while a run is at it.
   * @throws UsageError, TenantNotFound
   */
  async remove(text: string, withCheckpoint: boolean, by: string): Promise<{ id: string; name: string }> {
    const list = await this.list();
    const wanted = text.toLowerCase();
    const row = list.untrusted.find(({ id, name }) => [id, name].some((one) => one.toLowerCase() === wanted));
    const { id, name, isHome } = row ? { ...row, isHome: row.id === this.#home.tenantId } : list.find(text);
    if (isHome && !row) {
      throw new UsageError('The home tenant cannot be removed. Pause it: npm run tenants -- pause home');
    }
    if (withCheckpoint) {
      // First, so that no further run begins; refused while one is at it, and then the tenant is still listed.
      if (!row) await this.setEnabled(id, false);
      await this.#forget(id, by);
    }
    const table = await this.#table();
    await table.deleteEntity(TENANT_PARTITION, row?.rowKey ?? joinKey(id));
    return { id, name };
  }

  async #forget(tenantId: string, by: string): Promise<void> {
    const checkpoints = new CheckpointAdmin(await this.#storage.table(CHECKPOINT_TABLE), this.#clock);
    const ledger = new TableLedger(() => this.#storage.table(LEDGER_TABLE));
    const rows = (await checkpoints.list()).filter(
      (row) => row.action === undefined && row.tenantId === tenantId,
    );
    for (const { source } of rows) {
      const origin = { tenantId, source: String(source) };
      await checkpoints.reset(origin, 'the tenant was removed', by);
      // All days: none is later than tomorrow.
      const horizon = fromUnixMs(this.#clock.now() + 2 * DAY_MS);
      while (await ledger.forget(origin, horizon, AbortSignal.timeout(DAY_MS)));
    }
  }

  /** Changes some properties and leaves those that the app writes. */
  async #merge({ id, isHome }: TenantRecord, changes: { name?: string; isEnabled?: boolean }): Promise<void> {
    const table = await this.#table();
    const row = { ...tenantKeys(id), ...changes };
    if (!isHome) await table.updateEntity(row, 'Merge');
    else await table.upsertEntity({ ...row, schemaVersion: TENANT_SCHEMA_VERSION, tenantId: id }, 'Merge');
  }

  async #table(): Promise<TableClient> {
    return await this.#storage.table(TENANT_TABLE);
  }
}

/** @throws UsageError when the name cannot be one, or leads to another tenant. */
function verifyName(list: TenantList, id: string, name: string): void {
  if (!isTenantName(name)) {
    throw new UsageError(
      `'${name}' cannot be a name: up to 100 letters, digits, spaces, dots, dashes and underscores, and no GUID.`,
    );
  }
  const same = (text: string) => text.toLowerCase() === name.toLowerCase();
  const other = [...list.tenants, ...list.untrusted].find(
    (one) => one.id !== id && (same(one.id) || same(one.name)),
  );
  if (other) throw new UsageError(`'${name}' is the name of ${other.id} already. Choose another one.`);
}
