import type { Answer } from '../../http/Answer.ts';
import { selectPage } from '../../odata/selectPage.ts';
import { answerCollection, answerEntity, largestPage } from '../answerEntities.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import type { OperationContext } from '../Operation.ts';
import { parseCollectionQuery, refuseQueryOptions } from '../parseCollectionQuery.ts';
import type { StoredMachineAction } from './MachineAction.ts';
import { machineActionQuery } from './machineActionQuery.ts';
import type { MachineActionStore } from './MachineActionStore.ts';
import { toMachineActionFields, toMachineActionRecord } from './toMachineActionRecord.ts';

/** `GET /api/machineactions`. Source: https://learn.microsoft.com/defender-endpoint/api/get-machineactions-collection */
export function answerMachineActionList(
  store: MachineActionStore,
  { call, nowTicks, apiUrl }: OperationContext,
): Answer {
  const options = parseCollectionQuery(call, machineActionQuery);
  store.settle();
  const visible = store.list().filter(({ visibleFrom }) => visibleFrom <= nowTicks);
  return answerCollection({
    call,
    options,
    page: selectPage(visible.map(toMachineActionRecord), options, largestPage),
    apiUrl,
    entitySet: 'MachineActions',
    path: 'machineactions',
    toText: ({ action }) => JSON.stringify(toMachineActionFields(action)),
  });
}

/** `GET /api/machineactions/{id}`. Source: https://learn.microsoft.com/defender-endpoint/api/get-machineaction-object */
export function answerMachineAction(
  store: MachineActionStore,
  { call, nowTicks, apiUrl }: OperationContext,
  id: string,
): Answer {
  refuseQueryOptions(call);
  store.settle();
  return answerAction(200, apiUrl, getVisibleAction(store, id, nowTicks));
}

/** The action with this id; throws a 404 refusal when there is none that is shown by now. */
export function getVisibleAction(
  store: MachineActionStore,
  id: string,
  nowTicks: bigint,
): StoredMachineAction {
  const action = store.find(id);
  if (action === undefined || action.visibleFrom > nowTicks)
    throw defenderRefusal(defenderErrors.resourceNotFound('Machine action', id));
  return action;
}

/** One machine action as an answer. */
export function answerAction(status: 200 | 201, apiUrl: string, action: StoredMachineAction): Answer {
  const text = JSON.stringify(toMachineActionFields(action));
  return answerEntity(status, apiUrl, 'MachineActions/$entity', text);
}
