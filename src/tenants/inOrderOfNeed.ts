import type { TenantRecord } from './TenantRecord.ts';

/**
 * The home tenant first, then whoever waits longest: a round that ends too early is gone on with by the next one. It goes
 * by the last attempt, not by the last success, so that a tenant that always fails is not always first.
 */
export function inOrderOfNeed(tenants: readonly TenantRecord[]): readonly TenantRecord[] {
  return tenants.toSorted(
    (a, b) => Number(b.isHome) - Number(a.isHome) || (a.lastAttempt ?? 0) - (b.lastAttempt ?? 0),
  );
}
