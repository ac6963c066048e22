import type { DefenderAccess } from '../../defender/DefenderAccess.ts';
import type { Call } from '../../http/createHandler.ts';
import { responseServices } from '../../services.ts';
import type { CallerVerb } from '../../settings/parseResponseSettings.ts';
import type { Asker } from '../../tenants/TenantAccess.ts';

/** Who asks, as far as it decides as whom Defender is called. */
export function toAsker({ caller, person }: Pick<Call, 'caller' | 'person'>): Asker {
  return { id: caller?.id ?? '', person };
}

/** Defender as the caller may see it, in the tenant that the call names. @throws what `TenantAccess.open` throws */
export async function openAccess(call: Call, verb: CallerVerb): Promise<DefenderAccess> {
  const { tenant } = call.query as { readonly tenant?: string };
  return await responseServices().tenantAccess().open(toAsker(call), verb, tenant, call.signal);
}
