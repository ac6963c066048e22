import type { Answer } from '../../http/Answer.ts';
import { selectPage } from '../../odata/selectPage.ts';
import { answerCollection, answerEntity, largestPage } from '../answerEntities.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import type { OperationContext } from '../Operation.ts';
import { parseCollectionQuery, refuseQueryOptions } from '../parseCollectionQuery.ts';
import { machineRules } from './machineRules.ts';
import type { MachineStore } from './MachineStore.ts';
import { findMachineRecord, type MachineRecord } from './toMachineRecord.ts';

/**
 * `GET /api/machines`, of those the caller may see: 404 when there is no recent machine at all; a filter that selects none gets an empty list.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/get-machines
 */
export function answerMachineList(store: MachineStore, context: OperationContext): Answer {
  const { call, apiUrl } = context;
  const options = parseCollectionQuery(call, machineRules);
  const records = listRecords(store, context);
  if (records.length === 0) throw defenderRefusal(defenderErrors.noRecentMachines());
  return answerCollection({
    call,
    options,
    page: selectPage(records, options, largestPage),
    apiUrl,
    entitySet: 'Machines',
    path: 'machines',
    toText: (record) => record.toText(),
  });
}

/**
 * `GET /api/machines/{id or computer name}`. Which of several machines with one name the service would show is not
 * documented, so that is not simulated.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/get-machine-by-id
 */
export function answerMachine(store: MachineStore, context: OperationContext, idOrName: string): Answer {
  const { call, nowTicks, viewpoint, apiUrl } = context;
  refuseQueryOptions(call);
  const byId = findKnownMachine(store, idOrName, nowTicks);
  if (byId !== undefined && !viewpoint.seesMachine(byId.fields)) throw refuse(idOrName);
  const [found, ...others] =
    byId === undefined
      ? listRecords(store, context).filter(({ fields }) => fields.computerDnsName === idOrName)
      : [byId];
  if (others.length > 0)
    throw defenderRefusal(defenderErrors.notSimulated('choosing among several machines of one name'));
  if (found === undefined) throw refuse(idOrName);
  return answerEntity(200, apiUrl, 'Machine', found.toText());
}

/** The machine with this id; undefined when there is none that the service still keeps. */
export function findKnownMachine(
  store: MachineStore,
  id: string,
  nowTicks: bigint,
): MachineRecord | undefined {
  const machine = store.find(id);
  return machine === undefined ? undefined : findMachineRecord(machine, nowTicks);
}

function listRecords(
  store: MachineStore,
  { nowTicks, viewpoint }: OperationContext,
): readonly MachineRecord[] {
  return [...store.list()]
    .flatMap((machine) => findMachineRecord(machine, nowTicks) ?? [])
    .filter(({ fields }) => viewpoint.seesMachine(fields));
}

/** What is hidden from a person is not told from what does not exist. */
function refuse(idOrName: string): Error {
  return defenderRefusal(defenderErrors.resourceNotFound('Machine', idOrName));
}
