import type { Operation, OperationRequest } from '../operations/Operation.ts';
import type { ActionName, IsolationType } from './actions.ts';
import type { Machine } from './Machine.ts';
import type { DeviceAccess } from './OperationAccess.ts';

/** What a caller asks for. */
export interface ActionOrder extends Pick<OperationRequest, 'caller' | 'run' | 'comment' | 'incidentId'> {
  readonly action: ActionName;
  /** As the caller names the device. */
  readonly device: string;
  readonly isolationType: IsolationType | undefined;
}

/** What makes an order an operation. */
export interface OperationInit {
  readonly id: string;
  readonly hash: string;
  readonly order: ActionOrder;
  readonly access: DeviceAccess;
}

/** How operations name the tenant: undefined for the home tenant. */
export function tenantOf({ isHome, tenantId }: DeviceAccess): string | undefined {
  return isHome ? undefined : tenantId;
}

/** An operation that was accepted, and nothing more. */
export function createOperation(
  { id, hash, order, access }: OperationInit,
  machine: Machine,
  now: number,
): Operation {
  const { action, comment, incidentId, isolationType, caller, run } = order;
  return {
    id,
    requestHash: hash,
    request: {
      ...{ tenantId: tenantOf(access), action, comment, incidentId, isolationType, caller, run },
      device: { id: machine.id, name: machine.name },
    },
    status: 'NotStarted',
    createdAt: now,
    attempts: 0,
    sentAt: undefined,
    machineAction: undefined,
    waitingFor: undefined,
    checkedAt: undefined,
    nextCheckAt: now,
    endedAt: undefined,
    error: undefined,
    checkError: undefined,
  };
}
