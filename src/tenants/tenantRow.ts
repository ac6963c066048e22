import { clouds } from '../settings/clouds.ts';
import { joinKey } from '../storage/keys.ts';
import type { EntityKeys } from '../storage/replaceEntity.ts';
import { isTenantId, isTenantName, sharesEntra, type Home, type TenantRecord } from './TenantRecord.ts';

/** The table that holds one row per tenant and, in another partition, the consents that were asked for. */
export const TENANT_TABLE = 'tenants';

export const TENANT_PARTITION = 'tenant';

export const TENANT_SCHEMA_VERSION = 1;

/** The name of a home tenant that nobody named. */
export const HOME_NAME = 'home';

/** The properties of a tenant's row, besides its keys. Instants are text, so that a person can read them. */
export interface TenantRow {
  schemaVersion: number;
  tenantId: string;
  name: string;
  cloud: string;
  isEnabled: boolean;
  addedAt: string;
  addedBy: string;
  consentedAt: string;
  lastAttempt: string;
  lastSuccess: string;
  lastOutcome: string;
}

export function tenantKeys(tenantId: string): EntityKeys {
  return { partitionKey: TENANT_PARTITION, rowKey: joinKey(tenantId) };
}

export function toTenantRow(tenant: TenantRecord): TenantRow {
  return {
    schemaVersion: TENANT_SCHEMA_VERSION,
    tenantId: tenant.id,
    name: tenant.name,
    cloud: tenant.cloud,
    isEnabled: tenant.isEnabled,
    addedAt: formatTime(tenant.addedAt),
    addedBy: tenant.addedBy,
    consentedAt: formatTime(tenant.consentedAt),
    lastAttempt: formatTime(tenant.lastAttempt),
    lastSuccess: formatTime(tenant.lastSuccess),
    lastOutcome: tenant.lastOutcome,
  };
}

/** A home tenant without a row. */
export function createHomeRecord({ tenantId, cloud }: Home): TenantRecord {
  return {
    id: tenantId,
    name: HOME_NAME,
    cloud,
    isEnabled: true,
    isHome: true,
    addedAt: undefined,
    addedBy: '',
    consentedAt: undefined,
    lastAttempt: undefined,
    lastSuccess: undefined,
    lastOutcome: '',
  };
}

/**
 * Reads a row. Of the home tenant's row everything may be absent: it only changes what is so without it.
 * @returns the record, or in words why there can be none.
 */
export function fromTenantRow(row: Readonly<Record<string, unknown>>, home: Home): TenantRecord | string {
  const { schemaVersion, tenantId: id, isEnabled, addedAt, consentedAt, lastAttempt, lastSuccess } = row;
  if (schemaVersion !== TENANT_SCHEMA_VERSION) {
    return `its schema version is ${String(schemaVersion)}, and this release knows ${TENANT_SCHEMA_VERSION}`;
  }
  const isHome = id === home.tenantId;
  if (typeof id !== 'string' || row.rowKey !== joinKey(id)) return 'its id is not the one of its key';
  if (!isHome && !isTenantId(id)) return 'its id is not a GUID';

  const name = row.name ?? (isHome ? HOME_NAME : undefined);
  if (typeof name !== 'string' || !isTenantName(name)) return 'its name cannot be one';
  const cloudName = row.cloud ?? (isHome ? home.cloud : undefined);
  const cloud = clouds.find((one) => one === cloudName);
  if (!cloud || (isHome && cloud !== home.cloud)) return 'its cloud is not known';
  if (!sharesEntra(cloud, home.cloud)) return `its cloud ${cloud} has another Entra than ${home.cloud}`;
  const enabled = isEnabled ?? (isHome ? true : undefined);
  if (typeof enabled !== 'boolean') return '`isEnabled` is neither true nor false';

  const times = [addedAt, consentedAt, lastAttempt, lastSuccess].map(parseTime);
  if (times.includes(null)) return 'it holds a time that is none';
  const [added, consented, attempt, success] = times.map((time) => time ?? undefined);
  return {
    ...{ id, name, cloud, isEnabled: enabled, isHome },
    addedAt: added,
    addedBy: textOf(row.addedBy),
    consentedAt: consented,
    lastAttempt: attempt,
    lastSuccess: success,
    lastOutcome: textOf(row.lastOutcome),
  };
}

/** ISO 8601, or empty. */
export function formatTime(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString();
}

/** Milliseconds since the Unix epoch; undefined when nothing is stored, null when it is no time. */
export function parseTime(value: unknown): number | undefined | null {
  if (value === undefined || value === '') return undefined;
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? null : ms;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
