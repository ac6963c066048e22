import type { Access } from '../defender/roles/judgeCaller.ts';
import type { Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import type { Hunting } from '../hunting/Hunting.ts';
import { answerAlert, answerAlertList } from './alerts/answerAlerts.ts';
import { answerHuntingQuery, hunters } from './answerHuntingQuery.ts';
import type { GraphContext, GraphOperation } from './GraphOperation.ts';
import { graphErrors, graphRefusal, type GraphRequestFacts } from './graphRefusal.ts';
import { answerIncident, answerIncidentList } from './incidents/answerIncidents.ts';

/** Source: https://learn.microsoft.com/graph/api/security-list-alerts_v2#permissions */
const alertReaders = toAccess(['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All']);

/** Source: https://learn.microsoft.com/graph/api/security-list-incidents#permissions */
const incidentReaders = toAccess(['SecurityIncident.Read.All', 'SecurityIncident.ReadWrite.All']);

/** Both spellings are in use: the documentation has the short one, Microsoft's SDKs the qualified one. */
const huntingSegments = ['runHuntingQuery', 'microsoft.graph.security.runHuntingQuery'];

/** What else Graph has under `/security`. */
const otherSegments = ['alerts', 'attackSimulation', 'cases', 'identities', 'labels', 'secureScores'];

/** The operation at a path; throws a refusal: 501 for what Graph has and the simulator has not, 400 for the rest. */
export function routeGraph(
  { hunting }: { readonly hunting: Hunting },
  call: Call,
  facts: GraphRequestFacts,
): GraphOperation {
  const [, version = '', area = '', segment = '', ...rest] = call.path.split('/').map(decodeSegment);
  if (version !== 'v1.0' && version !== 'beta')
    throw graphRefusal(facts, graphErrors.badRequest(`Invalid version: ${version}.`));
  if (version === 'beta' || area !== 'security' || otherSegments.includes(segment))
    throw refuseOther(call, facts);
  if (huntingSegments.includes(segment)) {
    const [next] = rest;
    if (next !== undefined) throw graphRefusal(facts, graphErrors.noSegment(next));
    verifyMethod(call, 'POST', facts);
    return {
      access: hunters,
      isCounted: false,
      answer: (context) => answerHuntingQuery(hunting, context),
    };
  }
  const collection = collections[segment];
  if (collection === undefined) throw graphRefusal(facts, graphErrors.noSegment(segment));
  const [id, ...deeper] = rest;
  const isWriting = id !== undefined && call.method === 'PATCH';
  if (isWriting || deeper.length > 0) throw refuseOther(call, facts);
  if (id === '') throw graphRefusal(facts, graphErrors.noSegment(id));
  verifyMethod(call, 'GET', facts);
  const { access, list, single } = collection;
  return {
    access,
    isCounted: true,
    answer: (context) => (id === undefined ? list(context) : single(context, id)),
  };
}

interface GraphCollection {
  readonly access: Access;
  readonly list: (context: GraphContext) => ReturnType<typeof answerAlertList>;
  readonly single: (context: GraphContext, id: string) => ReturnType<typeof answerAlertList>;
}

const collections: Readonly<Partial<Record<string, GraphCollection>>> = {
  alerts_v2: { access: alertReaders, list: answerAlertList, single: answerAlert },
  incidents: { access: incidentReaders, list: answerIncidentList, single: answerIncident },
};

/** In Graph a permission has one name for applications and for people. */
function toAccess(permissions: readonly string[]): Access {
  return { roles: permissions, scopes: permissions, permission: 'View data' };
}

function verifyMethod(call: Call, method: 'GET' | 'POST', facts: GraphRequestFacts): void {
  if (call.method !== method) throw graphRefusal(facts, graphErrors.methodNotAllowed(call.method));
}

function refuseOther(call: Call, facts: GraphRequestFacts): Error {
  return graphRefusal(facts, graphErrors.notSimulated(`${call.method} ${call.path}`));
}
