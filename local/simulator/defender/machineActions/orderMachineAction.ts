import type { Answer } from '../../http/Answer.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { getOneOf, getText, parseJsonBody } from '../jsonBody.ts';
import { findKnownMachine } from '../machines/answerMachines.ts';
import type { MachineFields, MachineStore } from '../machines/MachineStore.ts';
import { isolationTypes, verifyIsolationType } from '../machines/verifyIsolationType.ts';
import type { OperationContext } from '../Operation.ts';
import { refuseQueryOptions } from '../parseCollectionQuery.ts';
import { toRequestor } from '../roles/judgeCaller.ts';
import { answerAction, getVisibleAction } from './answerMachineActions.ts';
import type { MachineActionOrder } from './MachineAction.ts';
import type { MachineActionStore } from './MachineActionStore.ts';

/** What actions are ordered from and on. */
export interface ActionStores {
  readonly machines: MachineStore;
  readonly machineActions: MachineActionStore;
}

/** `POST /api/machines/{id}/isolate`. Source: https://learn.microsoft.com/defender-endpoint/api/isolate-machine */
export function orderIsolation(stores: ActionStores, context: OperationContext, id: string): Answer {
  const body = parseJsonBody(context.call, ['Comment', 'IsolationType']);
  const requestorComment = getText(body, 'Comment');
  const isolationType = getOneOf(body, 'IsolationType', isolationTypes);
  const machine = getMachine(stores, context, id);
  verifyIsolationType(isolationType, machine);
  // The documentation gives the scope of an isolation two values; what a contained device gets is not told.
  const scope = isolationType === 'UnManagedDevice' ? null : isolationType;
  return orderAction(stores, context, { type: 'Isolate', scope, machineId: id, requestorComment }, machine);
}

/** `POST /api/machines/{id}/unisolate`. Source: https://learn.microsoft.com/defender-endpoint/api/unisolate-machine */
export function orderRelease(stores: ActionStores, context: OperationContext, id: string): Answer {
  const requestorComment = getText(parseJsonBody(context.call, ['Comment']), 'Comment');
  const machine = getMachine(stores, context, id);
  const order = { type: 'Unisolate', scope: null, machineId: id, requestorComment } as const;
  return orderAction(stores, context, order, machine);
}

/**
 * `POST /api/machineactions/{id}/cancel`: ends an action that is not in a final state.
 *
 * What an action that is over gets is not documented.
 * Source: https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action
 */
export function cancelAction(stores: ActionStores, context: OperationContext, id: string): Answer {
  const { machines, machineActions: store } = stores;
  const { call, claims, nowTicks, apiUrl } = context;
  refuseQueryOptions(call);
  const comment = getText(parseJsonBody(call, ['Comment']), 'Comment');
  const action = getVisibleAction(store, id, nowTicks);
  const machine = machines.find(action.machineId);
  if (machine !== undefined) verifySeen(context, machine.fields);
  if (!store.cancel(action, { requestor: toRequestor(claims), comment }))
    throw defenderRefusal(defenderErrors.badRequest(`The machine action is over: ${action.status}.`));
  return answerAction(200, apiUrl, action);
}

function getMachine({ machines }: ActionStores, context: OperationContext, id: string): MachineFields {
  refuseQueryOptions(context.call);
  const machine = findKnownMachine(machines, id, context.nowTicks);
  if (machine === undefined) throw defenderRefusal(defenderErrors.resourceNotFound('Machine', id));
  verifySeen(context, machine.fields);
  return machine.fields;
}

/** That a person needs access to the device is documented; the answer without it is not. */
function verifySeen({ claims, viewpoint }: OperationContext, machine: MachineFields): void {
  if (viewpoint.seesMachine(machine)) return;
  throw defenderRefusal(
    defenderErrors.forbidden(
      `The user ${toRequestor(claims)} has no access to the device group of this device.`,
    ),
  );
}

function orderAction(
  { machineActions }: ActionStores,
  { claims, apiUrl }: OperationContext,
  order: Pick<MachineActionOrder, 'type' | 'scope' | 'machineId' | 'requestorComment'>,
  machine: MachineFields,
): Answer {
  const action = machineActions.order({
    ...order,
    computerDnsName: typeof machine.computerDnsName === 'string' ? machine.computerDnsName : null,
    requestor: toRequestor(claims),
    requestSource: 'PublicApi',
  });
  if (action === undefined) throw defenderRefusal(defenderErrors.activeRequestAlreadyExists());
  return answerAction(201, apiUrl, action);
}
