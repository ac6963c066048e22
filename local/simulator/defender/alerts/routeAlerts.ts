import type { Call } from '../../http/Call.ts';
import { decodeSegment } from '../../http/decodeSegment.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import type { Operation, PathSegments } from '../Operation.ts';
import type { Access } from '../roles/judgeCaller.ts';
import { answerAlert, answerAlertList } from './answerAlerts.ts';
import type { AlertStore } from './AlertStore.ts';

/** Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts#permissions */
const readers: Access = {
  roles: ['Alert.Read.All', 'Alert.ReadWrite.All'],
  scopes: ['Alert.Read', 'Alert.ReadWrite'],
  permission: 'View data',
};

/** The operation at `/api/alerts/…`; throws a refusal when there is none, or none that is simulated. */
export function routeAlerts(store: AlertStore, call: Call, [id, ...rest]: PathSegments): Operation {
  refuseOtherCalls(call, id, rest);
  return {
    api: 'alerts',
    ...readers,
    answer({ nowTicks, apiUrl, viewpoint }) {
      const reading = { store, nowTicks, apiUrl, viewpoint };
      return id === undefined
        ? answerAlertList(reading, call)
        : answerAlert(reading, call, decodeSegment(id));
    },
  };
}

/** Documented calls under `/api/alerts` that are not simulated answer 501, all others 404 or 405. */
function refuseOtherCalls(call: Call, id: string | undefined, rest: readonly string[]): void {
  if (rest.length === 1 && ['domains', 'files', 'ips', 'machine', 'user'].includes(rest[0] ?? '')) {
    throw defenderRefusal(defenderErrors.notSimulated(`${call.method} /api/alerts/{id}/${rest[0] ?? ''}`));
  }
  if (rest.length > 0 || id === '') throw defenderRefusal(defenderErrors.notFound(call.path));
  if (call.method === 'GET') return;
  const isCreating = call.method === 'POST' && (id === 'batchUpdate' || id === 'CreateAlertByReference');
  if (isCreating || (call.method === 'PATCH' && id !== undefined)) {
    throw defenderRefusal(defenderErrors.notSimulated(`${call.method} ${call.path}`));
  }
  throw defenderRefusal(defenderErrors.methodNotAllowed(call.method));
}
