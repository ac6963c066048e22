import { randomUUID } from 'node:crypto';
import {
  TokenError,
  verifyAccessToken,
  type AccessClaims,
  type TokenAuthority,
} from '../entra/accessToken.ts';
import { findResource, microsoftGraph } from '../entra/resources.ts';
import type { Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { Refusal } from '../http/Refusal.ts';
import type { Service } from '../http/Service.ts';
import type { Hunting } from '../hunting/Hunting.ts';
import { answerHuntingQuery } from './answerHuntingQuery.ts';
import { graphErrors, graphRefusal, type GraphRequestFacts } from './graphRefusal.ts';

/** What Microsoft Graph works with. */
export interface Graph extends TokenAuthority {
  readonly hunting: Hunting;
  readonly baseUrl: () => string;
}

/** A call to Graph, its token checked. */
export interface GraphCall {
  readonly call: Call;
  readonly claims: AccessClaims;
  readonly facts: GraphRequestFacts;
}

/** Microsoft Graph, with hunting only. Source: https://learn.microsoft.com/graph/api/resources/security-api-overview */
export function createGraph(graph: Graph): Service {
  return {
    name: 'graph',
    handle: (call) => answerCall(graph, call),
    throttled(retryAfter) {
      const facts = { requestId: randomUUID(), clientRequestId: randomUUID(), now: graph.clock.now() };
      return graphRefusal(facts, graphErrors.tooManyRequests('Too many requests.', retryAfter)).answer;
    },
  };
}

async function answerCall(graph: Graph, call: Call): Promise<Answer> {
  const requestId = randomUUID();
  const sent = call.headers['client-request-id'];
  const clientRequestId = typeof sent === 'string' && sent !== '' ? sent : requestId;
  const facts = { requestId, clientRequestId, now: graph.clock.now() };
  const claims = await authenticate(graph, call, facts);
  verifyPath(call, facts);
  return answerHuntingQuery(graph, { call, claims, facts });
}

/** Throws a 401 refusal. The messages about audience and lifetime were seen in real answers. */
async function authenticate(graph: Graph, call: Call, facts: GraphRequestFacts): Promise<AccessClaims> {
  const token = /^Bearer (\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  const refuse = (message: string): Refusal => graphRefusal(facts, graphErrors.invalidToken(message));
  if (token === undefined) throw refuse('Access token is empty.');
  try {
    const claims = await verifyAccessToken(graph, token);
    if (findResource(claims.aud) !== microsoftGraph) {
      throw refuse('Access token validation failure. Invalid audience.');
    }
    call.principal = claims.appid;
    return claims;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const isExpired = error.message.includes('expired');
    throw refuse(isExpired ? 'Lifetime validation failed, the token is expired.' : error.message);
  }
}

/** Both spellings are in use: the documentation has the short one, Microsoft's SDKs the qualified one. */
const huntingPaths = ['runHuntingQuery', 'microsoft.graph.security.runHuntingQuery'];
const documentedSegments = [
  'alerts',
  'alerts_v2',
  'attackSimulation',
  'cases',
  'identities',
  'incidents',
  'labels',
];

/** Throws a refusal for everything but a POST to the hunting action: 501 for what Graph has, 400 for the rest. */
function verifyPath(call: Call, facts: GraphRequestFacts): void {
  const [, version = '', area = '', segment = '', ...rest] = call.path.split('/');
  if (version !== 'v1.0' && version !== 'beta') {
    throw graphRefusal(facts, graphErrors.badRequest(`Invalid version: ${version}.`));
  }
  const isOther = version === 'beta' || area !== 'security' || documentedSegments.includes(segment);
  if (isOther) throw graphRefusal(facts, graphErrors.notSimulated(`${call.method} ${call.path}`));
  if (!huntingPaths.includes(segment)) throw graphRefusal(facts, graphErrors.noSegment(segment));
  const [next] = rest;
  if (next !== undefined) throw graphRefusal(facts, graphErrors.noSegment(next));
  if (call.method !== 'POST') throw graphRefusal(facts, graphErrors.methodNotAllowed(call.method));
}
