import { randomUUID } from 'node:crypto';
import type { TokenAuthority } from '../entra/accessToken.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { Service } from '../http/Service.ts';
import type { Hunting } from '../hunting/Hunting.ts';
import type { AlertStore } from './alerts/AlertStore.ts';
import { createAlertInspector } from './alerts/createAlertInspector.ts';
import { routeAlerts } from './alerts/routeAlerts.ts';
import { authenticate, verifyRole } from './authorize.ts';
import type { ApiName, CallQuota } from './CallQuota.ts';
import { defenderErrors, defenderRefusal } from './defenderRefusal.ts';
import { answerHunting, isHuntingPath } from './hunting/answerHunting.ts';
import type { MachineActionStore } from './machineActions/MachineActionStore.ts';
import { routeMachineActions } from './machineActions/routeMachineActions.ts';
import type { MachineStore } from './machines/MachineStore.ts';
import { routeMachines } from './machines/routeMachines.ts';
import type { Operation } from './Operation.ts';

/** What Defender for Endpoint works with. */
export interface Defender extends TokenAuthority {
  readonly alerts: AlertStore;
  readonly machines: MachineStore;
  readonly machineActions: MachineActionStore;
  readonly hunting: Hunting;
  readonly quota: CallQuota;
  readonly baseUrl: () => string;
}

/** Defender for Endpoint. Source: https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list */
export function createDefender(defender: Defender): Service {
  return {
    name: 'defender',
    inspector: createAlertInspector(defender.alerts, defender.clock),
    handle: (call) => answerCall(defender, call),
    throttled(retryAfter) {
      const { perMinute } = defender.quota.limitsOf();
      const { status, code, message } = defenderErrors.tooManyRequests(perMinute, '00:01:00', retryAfter);
      return json(status, { error: { code, message, target: randomUUID() } }, { 'Retry-After': retryAfter });
    },
  };
}

async function answerCall(defender: Defender, call: Call): Promise<Answer> {
  const [, prefix = '', path] = /^(\/api(?:\/v1\.0)?)\/(.+)$/.exec(call.path) ?? [];
  const claims = await authenticate(defender, call);
  if (path === undefined) throw defenderRefusal(defenderErrors.notFound(call.path));
  // Hunting counts against limits of its own.
  if (isHuntingPath(path)) return answerHunting(defender.hunting, path, { call, claims });
  const { api, roles, answer } = findOperation(defender, call, path);
  verifyRole(claims, roles);
  takeQuota(defender, api, `${claims.appid} ${claims.tid}`);
  const nowTicks = defender.clock.nowTicks();
  return answer({ call, claims, nowTicks, apiUrl: `${defender.baseUrl()}${prefix}` });
}

function findOperation(defender: Defender, call: Call, path: string): Operation {
  const [collection = '', ...segments] = path.split('/');
  switch (collection) {
    case 'alerts':
      return routeAlerts(defender.alerts, call, segments);
    case 'machines':
      return routeMachines(defender, call, segments);
    case 'machineactions':
      return routeMachineActions(defender, call, segments);
    default:
      throw refuseUnknown(collection, call);
  }
}

function takeQuota({ quota, clock }: Defender, api: ApiName, caller: string): void {
  const excess = quota.take(api, caller, clock.nowMs());
  if (excess === undefined) return;
  const seconds = Math.max(1, Math.ceil(excess.retryAfterMs / 1000));
  const isDate = quota.limitsOf(api).retryAfterAs === 'date';
  const retryAfter = isDate ? new Date(clock.nowMs() + seconds * 1000 + 999).toUTCString() : String(seconds);
  throw defenderRefusal(defenderErrors.tooManyRequests(excess.allowed, excess.period, retryAfter));
}

const documentedCollections = [
  'deviceavinfo',
  'domains',
  'exposureScore',
  'files',
  'indicators',
  'investigations',
  'ips',
  'libraryfiles',
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
