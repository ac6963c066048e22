import type { DefenderAccess } from '../defender/DefenderAccess.ts';
import type { Operation, OperationFailure } from '../operations/Operation.ts';
import { MachineActions } from './MachineActions.ts';

/** Defender's device APIs as one identity sees them in one tenant. */
export type DeviceAccess = Pick<DefenderAccess, 'kind' | 'isHome' | 'tenantId' | 'client'>;

/** As whom Defender is asked about an operation, and whether it may be asked to act. */
export interface OperationAccess {
  readonly actions: MachineActions;
  /** Why nothing may be sent now; reading is always allowed. */
  readonly hold: OperationFailure | undefined;
}

/** The app itself in a tenant. `hold` says why nothing may be done there now, as for a paused tenant. */
export interface ApplicationAccess {
  readonly access: DeviceAccess;
  readonly hold: OperationFailure | undefined;
}

/** @param tenantId undefined for the home tenant. @throws TenantNotFound, TenantNeedsApplication, StorageError */
export type OpenAsApplication = (
  tenantId: string | undefined,
  signal: AbortSignal,
) => Promise<ApplicationAccess>;

const PERSON_ABSENT: OperationFailure = {
  code: 'person_absent',
  message:
    'The action must be asked for on behalf of the person who requested it, who did not ask for its state in time. It was not sent.',
};

/**
 * Whoever asks uses their own access. When nobody does, the app watches with its own; but for a person it never acts with
 * rights that are not theirs.
 *
 * @param requester Defender as the requester sees it, while they ask themselves.
 */
export async function openOperation(
  { request }: Operation,
  requester: DeviceAccess | undefined,
  openAsApplication: OpenAsApplication,
  signal: AbortSignal,
): Promise<OperationAccess> {
  if (requester) return { actions: new MachineActions(requester.client('endpoint')), hold: undefined };
  const { access, hold } = await openAsApplication(request.tenantId, signal);
  const actions = new MachineActions(access.client('endpoint'));
  return { actions, hold: hold ?? (request.caller.kind === 'person' ? PERSON_ABSENT : undefined) };
}
