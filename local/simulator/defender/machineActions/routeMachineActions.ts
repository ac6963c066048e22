import type { Call } from '../../http/Call.ts';
import { decodeSegment } from '../../http/decodeSegment.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { machineReaders, verifyMethod } from '../machines/routeMachines.ts';
import type { Operation, PathSegments } from '../Operation.ts';
import { answerMachineAction, answerMachineActionList } from './answerMachineActions.ts';
import type { MachineActionStore } from './MachineActionStore.ts';
import { cancelAction } from './orderMachineAction.ts';

/** Any of them may cancel. Source: https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action#permissions */
const cancellers = [
  'Machine.CollectForensics',
  'Machine.Isolate',
  'Machine.RestrictExecution',
  'Machine.Scan',
  'Machine.Offboard',
  'Machine.StopAndQuarantine',
  'Machine.LiveResponse',
];

/** The operation at `/api/machineactions/…`; throws a refusal when there is none, or none that is simulated. */
export function routeMachineActions(
  { machineActions }: { readonly machineActions: MachineActionStore },
  call: Call,
  segments: PathSegments,
): Operation {
  const [id, part, ...rest] = segments.map(decodeSegment);
  if (id === undefined) {
    verifyMethod(call, 'GET');
    return {
      api: 'machineActions',
      roles: machineReaders,
      answer: (context) => answerMachineActionList(machineActions, context),
    };
  }
  if (part === undefined && id !== '') {
    verifyMethod(call, 'GET');
    return {
      api: 'machineAction',
      roles: machineReaders,
      answer: (context) => answerMachineAction(machineActions, context, id),
    };
  }
  if (id === '' || rest.length > 0) throw defenderRefusal(defenderErrors.notFound(call.path));
  if (/^getPackageUri$|^GetLiveResponseResultDownloadLink\(/i.test(part ?? ''))
    throw defenderRefusal(
      defenderErrors.notSimulated(`${call.method} /api/machineactions/{id}/${part ?? ''}`),
    );
  if (part !== 'cancel') throw defenderRefusal(defenderErrors.notFound(call.path));
  verifyMethod(call, 'POST');
  return {
    api: 'cancel',
    roles: cancellers,
    answer: (context) => cancelAction(machineActions, context, id),
  };
}
