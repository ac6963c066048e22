import type { TenantList } from '../src/tenants/TenantList.ts';
import { isFailing, type TenantRecord } from '../src/tenants/TenantRecord.ts';
import { formatTime } from '../src/tenants/tenantRow.ts';
import { formatTable } from './formatTable.ts';

/** One tenant, in a sentence. */
export function describeTenant({ name, id, isEnabled }: TenantRecord): string {
  return `${name} (${id}) is ${isEnabled ? 'enabled' : 'paused'}.`;
}

/** All tenants as a table, and what is wrong with rows below it. */
export function formatTenants({ tenants, untrusted }: TenantList): string {
  const minutes = (time: number | undefined) => formatTime(time).slice(0, 16).replace('T', ' ');
  const state = (tenant: TenantRecord) =>
    [tenant.isEnabled ? 'enabled' : 'paused', ...(isFailing(tenant) ? ['failing'] : [])].join(', ');
  const table = formatTable([
    ['name', 'id', 'cloud', 'state', 'added', 'consent', 'last success', 'last pull'],
    ...tenants.map((tenant) => [
      ...[tenant.name, tenant.id, tenant.cloud, state(tenant)],
      ...[tenant.addedAt, tenant.consentedAt, tenant.lastSuccess].map(minutes),
      tenant.lastOutcome,
    ]),
  ]);
  const damaged = untrusted.map(({ rowKey, why }) => `${rowKey} cannot be trusted: ${why}`);
  return [table, ...damaged].join('\n');
}
