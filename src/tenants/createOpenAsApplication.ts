import { DefenderAccess } from '../defender/DefenderAccess.ts';
import type { ApplicationCredential } from '../identity/TokenSource.ts';
import type { DefenderSettings } from '../settings/parseSettings.ts';
import type { Tenant, TenantDirectory } from './Tenant.ts';
import { TenantPaused } from './TenantPaused.ts';

/** The app itself in a tenant, and why it may only look there. */
export interface ApplicationInTenant {
  readonly access: DefenderAccess;
  readonly hold: { readonly code: string; readonly message: string } | undefined;
}

/** Opens Defender as the app itself, in a paused tenant too: what began there is watched to its end. */
export function createOpenAsApplication(
  tenants: () => TenantDirectory,
  application: () => ApplicationCredential,
  defender: DefenderSettings,
): (tenantId: string | undefined, signal: AbortSignal) => Promise<ApplicationInTenant> {
  return async (tenantId, signal) => {
    const tenant = await tenants().find(tenantId, signal);
    return { access: asApplication(tenant, application(), defender), hold: holdOf(tenant) };
  };
}

/** Defender as the app itself sees it in a tenant. @throws TenantNeedsApplication */
export function asApplication(
  { id: tenantId, isHome, cloud }: Pick<Tenant, 'id' | 'isHome' | 'cloud'>,
  application: ApplicationCredential,
  { endpointsOf, requestTimeoutMs }: DefenderSettings,
): DefenderAccess {
  return new DefenderAccess({
    tenantId,
    isHome,
    kind: 'application',
    tokens: application.tokensIn(tenantId),
    endpoints: endpointsOf(cloud),
    requestTimeoutMs,
  });
}

function holdOf({ isEnabled, name }: Tenant): ApplicationInTenant['hold'] {
  if (isEnabled) return undefined;
  const { code, message } = new TenantPaused(name);
  return { code, message };
}
