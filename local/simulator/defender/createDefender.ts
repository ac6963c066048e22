import { randomUUID } from 'node:crypto';
import type { TokenAuthority } from '../entra/accessToken.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import type { Service } from '../http/Service.ts';
import { answerAlert, answerAlertList } from './alerts/answerAlerts.ts';
import type { AlertStore } from './alerts/AlertStore.ts';
import { createAlertInspector } from './alerts/createAlertInspector.ts';
import { authenticate, verifyRole } from './authorize.ts';
import type { CallQuota } from './CallQuota.ts';
import { defenderErrors, defenderRefusal } from './defenderRefusal.ts';

/** What Defender for Endpoint works with. */
export interface Defender extends TokenAuthority {
  readonly alerts: AlertStore;
  readonly quota: CallQuota;
  readonly baseUrl: () => string;
}

const alertReaders = ['Alert.Read.All', 'Alert.ReadWrite.All'];

/** Defender for Endpoint. Source: https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list */
export function createDefender(defender: Defender): Service {
  return {
    name: 'defender',
    inspector: createAlertInspector(defender.alerts, defender.clock),
    handle: (call) => route(defender, call),
    throttled(retryAfter) {
      const { perMinute } = defender.quota.limits;
      const { status, code, message } = defenderErrors.tooManyRequests(perMinute, '00:01:00', retryAfter);
      return json(status, { error: { code, message, target: randomUUID() } }, { 'Retry-After': retryAfter });
    },
  };
}

async function route(defender: Defender, call: Call): Promise<Answer> {
  const [, prefix = '', path] = /^(\/api(?:\/v1\.0)?)\/(.+)$/.exec(call.path) ?? [];
  const claims = await authenticate(defender, call);
  if (path === undefined) throw defenderRefusal(defenderErrors.notFound(call.path));
  const [collection = '', id, ...rest] = path.split('/');
  if (collection !== 'alerts') throw refuseUnknown(collection, call);
  refuseOtherAlertCalls(call, id, rest);
  verifyRole(claims, alertReaders);
  takeQuota(defender, `${claims.appid} ${claims.tid}`);
  const reading = {
    store: defender.alerts,
    nowTicks: defender.clock.nowTicks(),
    apiUrl: `${defender.baseUrl()}${prefix}`,
  };
  return id === undefined ? answerAlertList(reading, call) : answerAlert(reading, call, decodeSegment(id));
}

function takeQuota({ quota, clock }: Defender, caller: string): void {
  const excess = quota.take(caller, clock.nowMs());
  if (excess === undefined) return;
  const seconds = Math.max(1, Math.ceil(excess.retryAfterMs / 1000));
  const isDate = quota.limits.retryAfterAs === 'date';
  const retryAfter = isDate ? new Date(clock.nowMs() + seconds * 1000 + 999).toUTCString() : String(seconds);
  throw defenderRefusal(defenderErrors.tooManyRequests(excess.allowed, excess.period, retryAfter));
}

/** Documented calls under `/api/alerts` that are not simulated answer 501, all others 404 or 405. */
function refuseOtherAlertCalls(call: Call, id: string | undefined, rest: readonly string[]): void {
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

const documentedCollections = [
  'advancedqueries',
  'deviceavinfo',
  'domains',
  'exposureScore',
  'files',
  'indicators',
  'investigations',
  'ips',
  'libraryfiles',
  'machineactions',
  'machines',
  'recommendations',
  'remediationTasks',
  'Software',
  'users',
  'vulnerabilities',
];

function refuseUnknown(collection: string, call: Call): Error {
  const isDocumented = documentedCollections.some((name) => name.toLowerCase() === collection.toLowerCase());
  return defenderRefusal(
    isDocumented ? defenderErrors.notSimulated(`/api/${collection}`) : defenderErrors.notFound(call.path),
  );
}
