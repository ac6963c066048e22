import type { Answer } from '../../http/Answer.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { getOneOf, getText, parseJsonBody } from '../jsonBody.ts';
import { findVisibleMachine } from '../machines/answerMachines.ts';
import type { MachineFields, MachineStore } from '../machines/MachineStore.ts';
import { isolationTypes, verifyIsolationType } from '../machines/verifyIsolationType.ts';
import type { OperationContext } from '../Operation.ts';
import { refuseQueryOptions } from '../parseCollectionQuery.ts';
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
export function cancelAction(store: MachineActionStore, context: OperationContext, id: string): Answer {
  const { call, claims, nowTicks, apiUrl } = context;
  refuseQueryOptions(call);
  const comment = getText(parseJsonBody(call, ['Comment']), 'Comment');
  const action = getVisibleAction(store, id, nowTicks);
  if (!store.cancel(action, { requestor: claims.appid, comment }))
    throw defenderRefusal(defenderErrors.badRequest(`The machine action is over: ${action.status}.`));
  return answerAction(200, apiUrl, action);
}

function getMachine(
  { machines }: ActionStores,
  { call, nowTicks }: OperationContext,
  id: string,
): MachineFields {
  refuseQueryOptions(call);
  const machine = findVisibleMachine(machines, id, nowTicks);
  if (machine === undefined) throw defenderRefusal(defenderErrors.resourceNotFound('Machine', id));
  return machine.fields;
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
    requestor: claims.appid,
    requestSource: 'PublicApi',
  });
  if (action === undefined) throw defenderRefusal(defenderErrors.activeRequestAlreadyExists());
  return answerAction(201, apiUrl, action);
}
