import { endpointsOf, type Cloud } from '../settings/clouds.ts';
import type { Tenant } from './Tenant.ts';

/** Everything that is kept about a tenant. */
export interface TenantRecord extends Tenant {
  /** Who added it; empty for a home tenant that was never listed. */
  readonly addedBy: string;
  /** When an administrator of the tenant last consented; milliseconds since the Unix epoch. */
  readonly consentedAt: number | undefined;
  /** When the last pull that ended began; milliseconds since the Unix epoch. */
  readonly lastAttempt: number | undefined;
  /** How that pull ended: an outcome of the pull, or the code of an error; empty before the first. */
  readonly lastOutcome: string;
}

/** The tenant of the deployment itself. */
export interface Home {
  /** As `DEFENDER_TENANT_ID` has it: a GUID or a domain name. */
  readonly tenantId: string;
  readonly cloud: Cloud;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for a GUID in lower case, the form in which tenants are kept. */
export function isTenantId(text: string): boolean {
  return GUID.test(text);
}

/** What may be a name: what callers can write into `?tenant=`, and no GUID, which would look like an id. */
export function isTenantName(text: string): boolean {
  return (
    text.length <= 100 &&
    /^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$/.test(text) &&
    !GUID.test(text.toLowerCase())
  );
}

/**
 * True when the same Entra knows both clouds, so that one application can be used in both.
 * Source: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
export function sharesEntra(one: Cloud, other: Cloud): boolean {
  return endpointsOf(one).authorityHost === endpointsOf(other).authorityHost;
}

/** Outcomes of a pull that nobody needs to mend. */
const CALM_OUTCOMES = new Set(['', 'finished', 'paused']);

/** True when the last pull of the tenant ended with an error. */
export function isFailing({ lastOutcome }: TenantRecord): boolean {
  return !CALM_OUTCOMES.has(lastOutcome);
}
