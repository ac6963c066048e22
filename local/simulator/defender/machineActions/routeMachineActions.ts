import type { Call } from '../../http/Call.ts';
import { decodeSegment } from '../../http/decodeSegment.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { machineReaders, verifyMethod } from '../machines/routeMachines.ts';
import type { Operation, PathSegments } from '../Operation.ts';
import type { Access } from '../roles/judgeCaller.ts';
import { answerMachineAction, answerMachineActionList } from './answerMachineActions.ts';
import { cancelAction, type ActionStores } from './orderMachineAction.ts';

const actions = [
  'Machine.CollectForensics',
  'Machine.Isolate',
  'Machine.RestrictExecution',
  'Machine.Scan',
  'Machine.Offboard',
  'Machine.StopAndQuarantine',
  'Machine.LiveResponse',
];

/**
 * Any of them may cancel. What a person's role must allow is not documented.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action#permissions
 */
const cancellers: Access = { roles: actions, scopes: actions, permission: 'Active remediation actions' };

/** The operation at `/api/machineactions/…`; throws a refusal when there is none, or none that is simulated. */
export function routeMachineActions(stores: ActionStores, call: Call, segments: PathSegments): Operation {
  const { machineActions } = stores;
  const [id, part, ...rest] = segments.map(decodeSegment);
  if (id === undefined) {
    verifyMethod(call, 'GET');
    return {
      api: 'machineActions',
      ...machineReaders,
      answer: (context) => answerMachineActionList(machineActions, context),
    };
  }
  if (part === undefined && id !== '') {
    verifyMethod(call, 'GET');
    return {
      api: 'machineAction',
      ...machineReaders,
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
    ...cancellers,
    answer: (context) => cancelAction(stores, context, id),
  };
}
