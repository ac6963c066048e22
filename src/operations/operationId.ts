import { sha256 } from '../storage/keys.ts';

/** By what a repeated request is recognised. */
export type RequestKey =
  | { readonly kind: 'key'; readonly value: string }
  | { readonly kind: 'run'; readonly runId: string; readonly action: string };

/** The parts of a request that make it what it is; the order of the body's members and spaces do not matter. */
export interface RequestIdentity {
  /** Undefined for the home tenant. */
  readonly tenantId?: string | undefined;
  readonly callerId: string;
  readonly key: RequestKey;
  readonly action: string;
  /** As the caller named it, in lower case. */
  readonly device: string;
  readonly comment: string;
  readonly isolationType: string | undefined;
  readonly incidentId: string | undefined;
}

/** The hash by which one request is told from another under the same key. */
export function requestHash(identity: RequestIdentity): string {
  const { tenantId, action, device, comment, isolationType, incidentId } = identity;
  const parts = [action, device, comment, isolationType ?? null, incidentId ?? null];
  return sha256(JSON.stringify(tenantId === undefined ? parts : [...parts, tenantId]));
}

/**
 * The id of the operation that a request asks for: 32 hex digits, the same for every repetition.
 *
 * A key alone identifies a request. A workflow's run and action do not: the branches of a loop share both, so device and
 * body belong to the identity there.
 */
export function operationId(identity: RequestIdentity): string {
  const { callerId, key } = identity;
  const parts =
    key.kind === 'key'
      ? ['key', callerId, key.value]
      : ['run', callerId, key.runId, key.action, requestHash(identity)];
  return sha256(JSON.stringify(parts)).slice(0, 32);
}
