import type { Tenant, TenantDirectory } from '../tenants/Tenant.ts';
import { TenantNotAllowed } from '../tenants/TenantNotAllowed.ts';
import { TenantNotFound } from '../tenants/TenantNotFound.ts';
import { TenantUntrusted } from '../tenants/TenantUntrusted.ts';

export interface TenantSearch {
  readonly tenants: Pick<TenantDirectory, 'find'>;
  /** The tenants that a caller may use, by the caller's id; whoever is absent may use all. */
  readonly tenantsOf: ReadonlyMap<string, readonly string[]>;
}

/**
 * The tenant that a caller asks about, a paused one too: whether it is set up right is asked before it is resumed.
 * @throws TenantNotFound; TenantNotAllowed also for one that does not exist or whose row is damaged, when the caller is limited to others.
 */
export async function findTenant(
  { tenants, tenantsOf }: TenantSearch,
  askerId: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Tenant> {
  const allowed = tenantsOf.get(askerId);
  try {
    const tenant = await tenants.find(name, signal);
    if (allowed && !allowed.includes(tenant.id)) throw new TenantNotAllowed(askerId);
    return tenant;
  } catch (error) {
    const isAboutAll = error instanceof TenantNotFound || error instanceof TenantUntrusted;
    if (allowed && isAboutAll) throw new TenantNotAllowed(askerId);
    throw error;
  }
}
