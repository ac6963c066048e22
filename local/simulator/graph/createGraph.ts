import { randomUUID } from 'node:crypto';
import type { Estate } from '../company/Estate.ts';
import type { Estates } from '../company/Estates.ts';
import { toRetryAfter, type CallQuota } from '../defender/CallQuota.ts';
import { AccessDenied, judgeCaller, type Access } from '../defender/roles/judgeCaller.ts';
import type { Viewpoint } from '../defender/roles/Viewpoint.ts';
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
import { graphErrors, graphRefusal, type GraphRequestFacts } from './graphRefusal.ts';
import { routeGraph } from './routeGraph.ts';

/** What Microsoft Graph works with. */
export interface Graph extends TokenAuthority {
  readonly estates: Estates;
  readonly hunting: Hunting;
  readonly quota: CallQuota;
  readonly baseUrl: () => string;
}

/** Microsoft Graph, with alerts, incidents and hunting only. Source: https://learn.microsoft.com/graph/api/resources/security-api-overview */
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
  const { access, isCounted, answer } = routeGraph(graph, call, facts);
  const estate = graph.estates.of(claims.tid);
  const viewpoint = authorize(claims, access, { estate, facts });
  if (isCounted) takeQuota(graph, claims, facts);
  const nowTicks = graph.clock.nowTicks();
  return answer({ call, claims, facts, estate, viewpoint, nowTicks, apiUrl: `${graph.baseUrl()}/v1.0` });
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

/** Throws a 403 refusal. */
function authorize(
  claims: AccessClaims,
  access: Access,
  { estate, facts }: { readonly estate: Estate; readonly facts: GraphRequestFacts },
): Viewpoint {
  try {
    return judgeCaller(claims, access, estate);
  } catch (error) {
    if (error instanceof AccessDenied) throw graphRefusal(facts, graphErrors.forbidden(error.message));
    throw error;
  }
}

/** Throws a 429 refusal. Source: https://learn.microsoft.com/graph/throttling-limits */
function takeQuota({ quota, clock }: Graph, { appid, tid }: AccessClaims, facts: GraphRequestFacts): void {
  const excess = quota.take('graphSecurity', `${appid} ${tid}`, clock.nowMs());
  if (excess === undefined) return;
  const retryAfter = toRetryAfter(excess, quota.limitsOf('graphSecurity'), clock.nowMs());
  throw graphRefusal(facts, graphErrors.tooManyRequests('Too many requests.', retryAfter));
}
