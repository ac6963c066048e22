import type { Home, TenantRecord } from '../../src/tenants/TenantRecord.ts';
import { createHomeRecord, tenantKeys, toTenantRow } from '../../src/tenants/tenantRow.ts';

export const HOME: Home = { tenantId: '6babcaad-604b-40ac-a9d7-9fd97c0b779f', cloud: 'global' };

/** The id of the nth test tenant. */
export function tenantId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A tenant that is not the home tenant, with changes. */
export function createTenant(number: number, changes: Partial<TenantRecord> = {}): TenantRecord {
  return {
    ...createHomeRecord(HOME),
    id: tenantId(number),
    name: `tenant-${number}`,
    isHome: false,
    addedAt: Date.parse('2026-11-01T00:00:00Z'),
    addedBy: 'operator',
    ...changes,
  };
}

/** Its row, as the table has it, with changes. */
export function rowOf(tenant: TenantRecord, changes: Readonly<Record<string, unknown>> = {}) {
  return { ...tenantKeys(tenant.id), ...toTenantRow(tenant), ...changes };
}
