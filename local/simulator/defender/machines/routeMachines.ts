import type { Call } from '../../http/Call.ts';
import { decodeSegment } from '../../http/decodeSegment.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { orderIsolation, orderRelease } from '../machineActions/orderMachineAction.ts';
import type { MachineActionStore } from '../machineActions/MachineActionStore.ts';
import type { Operation, PathSegments } from '../Operation.ts';
import type { Access } from '../roles/judgeCaller.ts';
import { answerMachine, answerMachineList } from './answerMachines.ts';
import type { MachineStore } from './MachineStore.ts';

/** What the machine calls work with. */
export interface Machines {
  readonly machines: MachineStore;
  readonly machineActions: MachineActionStore;
}

/**
 * Who reads machines and machine actions.
 *
 * The newest pages of both machine calls name `Machine.ReadWrite.All` only; the earlier ones accept both, as here.
 */
export const machineReaders: Access = {
  roles: ['Machine.Read.All', 'Machine.ReadWrite.All'],
  scopes: ['Machine.Read', 'Machine.ReadWrite'],
  permission: 'View data',
};

/** Source: https://learn.microsoft.com/defender-endpoint/api/isolate-machine#permissions */
const isolators: Access = {
  roles: ['Machine.Isolate'],
  scopes: ['Machine.Isolate'],
  permission: 'Active remediation actions',
};

/** The operation at `/api/machines/…`; throws a refusal when there is none, or none that is simulated. */
export function routeMachines(stores: Machines, call: Call, segments: PathSegments): Operation {
  const [id, action, ...rest] = segments.map(decodeSegment);
  if (id === undefined) {
    verifyMethod(call, 'GET');
    return {
      api: 'machines',
      ...machineReaders,
      answer: (context) => answerMachineList(stores.machines, context),
    };
  }
  if (id === '' || action === '') throw defenderRefusal(defenderErrors.notFound(call.path));
  refuseNotSimulated(call, id, action);
  if (action === undefined) {
    verifyMethod(call, 'GET');
    return {
      api: 'machine',
      ...machineReaders,
      answer: (context) => answerMachine(stores.machines, context, id),
    };
  }
  if (rest.length > 0 || (action !== 'isolate' && action !== 'unisolate'))
    throw defenderRefusal(defenderErrors.notFound(call.path));
  verifyMethod(call, 'POST');
  const order = action === 'isolate' ? orderIsolation : orderRelease;
  return {
    api: action,
    ...isolators,
    answer: (context) => order(stores, context, id),
  };
}

/** Throws a 405 refusal for any other method. */
export function verifyMethod(call: Call, method: 'GET' | 'POST'): void {
  if (call.method !== method) throw defenderRefusal(defenderErrors.methodNotAllowed(call.method));
}

const otherCalls = [
  'alerts',
  'collectInvestigationPackage',
  'getmissingkbs',
  'logonusers',
  'offboard',
  'recommendations',
  'restrictCodeExecution',
  'runAntiVirusScan',
  'runliveresponse',
  'setDeviceValue',
  'software',
  'startInvestigation',
  'StopAndQuarantineFile',
  'tags',
  'unrestrictCodeExecution',
  'vulnerabilities',
];

/** Documented calls that are not simulated answer 501. Source: https://learn.microsoft.com/defender-endpoint/api/machine */
function refuseNotSimulated(call: Call, id: string, action: string | undefined): void {
  const isOther =
    action === undefined
      ? call.method === 'PATCH' || /^(?:findbyip\(|findbytag|AddOrRemoveTagForMultipleMachines$)/.test(id)
      : otherCalls.includes(action);
  if (!isOther) return;
  const what = action === undefined ? call.path : `/api/machines/{id}/${action}`;
  throw defenderRefusal(defenderErrors.notSimulated(`${call.method} ${what}`));
}
