import type { Cloud } from '../settings/clouds.ts';

/** A tenant whose Defender the app works with. */
export interface Tenant {
  /** A GUID in lower case; only the home tenant may be known by its domain name instead. */
  readonly id: string;
  /** What operators and callers call it; unique, compared without regard to case. */
  readonly name: string;
  readonly cloud: Cloud;
  /** False while it is paused: nothing is pulled from it, and callers are refused. */
  readonly isEnabled: boolean;
  /** The tenant of the deployment itself, `DEFENDER_TENANT_ID`. */
  readonly isHome: boolean;
  /** Milliseconds since the Unix epoch; undefined for a home tenant that was never listed. */
  readonly addedAt: number | undefined;
  /** When its alerts were last pulled completely. */
  readonly lastSuccess: number | undefined;
}

/** The tenants that the app knows. Every method throws StorageError when storage fails. */
export interface TenantDirectory {
  /** By id or name; the home tenant without one. @throws TenantNotFound, TenantPaused */
  resolve(name: string | undefined, signal: AbortSignal): Promise<Tenant>;
  /** Likewise, a paused one too. @throws TenantNotFound */
  find(name: string | undefined, signal: AbortSignal): Promise<Tenant>;
  /** All that are not paused, the home tenant first. */
  listEnabled(signal: AbortSignal): Promise<readonly Tenant[]>;
}
