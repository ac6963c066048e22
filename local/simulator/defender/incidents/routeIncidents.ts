import type { Estate } from '../../company/Estate.ts';
import type { Call } from '../../http/Call.ts';
import { decodeSegment } from '../../http/decodeSegment.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import type { Operation, PathSegments } from '../Operation.ts';
import type { Access } from '../roles/judgeCaller.ts';
import { answerIncident, answerIncidentList } from './answerIncidents.ts';

/**
 * Only tokens for Defender XDR (Microsoft Threat Protection) can carry them.
 *
 * Source: https://learn.microsoft.com/defender-xdr/api-list-incidents#permissions
 */
const readers: Access = {
  roles: ['Incident.Read.All', 'Incident.ReadWrite.All'],
  scopes: ['Incident.Read', 'Incident.ReadWrite'],
  permission: 'View data',
};

/** The operation at `/api/incidents/…`; throws a refusal when there is none, or none that is simulated. */
export function routeIncidents(estate: Estate, call: Call, [id, ...rest]: PathSegments): Operation {
  if (rest.length > 0 || id === '') throw defenderRefusal(defenderErrors.notFound(call.path));
  if (call.method === 'PATCH' && id !== undefined)
    throw defenderRefusal(defenderErrors.notSimulated(`${call.method} ${call.path}`));
  if (call.method !== 'GET') throw defenderRefusal(defenderErrors.methodNotAllowed(call.method));
  return id === undefined
    ? { api: 'incidents', ...readers, answer: (context) => answerIncidentList(estate, context) }
    : {
        api: 'incident',
        ...readers,
        answer: (context) => answerIncident(estate, context, decodeSegment(id)),
      };
}
