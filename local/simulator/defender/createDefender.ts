import { randomUUID } from 'node:crypto';
import type { Estate } from '../company/Estate.ts';
import type { Estates } from '../company/Estates.ts';
import type { TokenAuthority } from '../entra/accessToken.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { Service } from '../http/Service.ts';
import type { Hunting } from '../hunting/Hunting.ts';
import { createAlertInspector } from './alerts/createAlertInspector.ts';
import { routeAlerts } from './alerts/routeAlerts.ts';
import { authenticate, authorize } from './authorize.ts';
import { toRetryAfter, type ApiName, type CallQuota } from './CallQuota.ts';
import { defenderErrors, defenderRefusal } from './defenderRefusal.ts';
import { answerHunting } from './hunting/answerHunting.ts';
import { routeIncidents } from './incidents/routeIncidents.ts';
import { routeMachineActions } from './machineActions/routeMachineActions.ts';
import { routeMachines } from './machines/routeMachines.ts';
import type { Operation } from './Operation.ts';

/** What Defender for Endpoint and Defender XDR work with. */
export interface Defender extends TokenAuthority {
  readonly estates: Estates;
  readonly hunting: Hunting;
  readonly quota: CallQuota;
  readonly baseUrl: () => string;
}

/**
 * Defender for Endpoint, and Defender XDR, which shares its host.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list, https://learn.microsoft.com/defender-xdr/api-supported
 */
export function createDefender(defender: Defender): Service {
  return {
    name: 'defender',
    inspector: createAlertInspector(defender.estates, defender.clock),
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
  const estate = defender.estates.of(claims.tid);
  // Hunting counts against limits of its own.
  const hunted = await answerHunting(defender.hunting, path, { call, claims, estate });
  if (hunted !== undefined) return hunted;
  const operation = findOperation(estate, call, path);
  const viewpoint = authorize(claims, operation, estate);
  takeQuota(defender, operation.api, `${claims.appid} ${claims.tid}`);
  const nowTicks = defender.clock.nowTicks();
  return operation.answer({ call, claims, viewpoint, nowTicks, apiUrl: `${defender.baseUrl()}${prefix}` });
}

function findOperation(estate: Estate, call: Call, path: string): Operation {
  const [collection = '', ...segments] = path.split('/');
  switch (collection) {
    case 'alerts':
      return routeAlerts(estate.alerts, call, segments);
    case 'incidents':
      return routeIncidents(estate, call, segments);
    case 'machines':
      return routeMachines(estate, call, segments);
    case 'machineactions':
      return routeMachineActions(estate, call, segments);
    default:
      throw refuseUnknown(collection, call);
  }
}

function takeQuota({ quota, clock }: Defender, api: ApiName, caller: string): void {
  const excess = quota.take(api, caller, clock.nowMs());
  if (excess === undefined) return;
  const retryAfter = toRetryAfter(excess, quota.limitsOf(api), clock.nowMs());
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
