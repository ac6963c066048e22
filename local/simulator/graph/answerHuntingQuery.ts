import type { Answer } from '../http/Answer.ts';
import { HuntingError } from '../hunting/HuntingError.ts';
import { toRetryAfter } from '../hunting/toRetryAfter.ts';
import { writeResult } from '../hunting/writeResult.ts';
import type { Graph, GraphCall } from './createGraph.ts';
import { graphErrors, graphRefusal, idHeaders } from './graphRefusal.ts';
import { parseHuntingBody } from './parseHuntingBody.ts';

const role = 'ThreatHunting.Read.All';

/** `POST /v1.0/security/runHuntingQuery`. Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery */
export async function answerHuntingQuery(graph: Graph, { call, claims, facts }: GraphCall): Promise<Answer> {
  const { hunting, clock, baseUrl } = graph;
  if (!claims.roles.includes(role)) throw graphRefusal(facts, graphErrors.missingRoles(role, claims.roles));
  const { query, window } = parseHuntingBody(call, facts, clock.nowTicks());
  try {
    const { table } = await hunting.run({
      api: 'graph',
      tenant: claims.tid,
      query,
      window,
      signal: call.signal,
    });
    const { casing, hasODataTypes } = hunting.style;
    const isLower = casing === 'lower';
    const { schema, rows } = writeResult(table, {
      name: isLower ? 'name' : 'Name',
      type: isLower ? 'type' : 'Type',
      hasODataTypes,
      mostBytes: hunting.quota.limits.resultBytes,
    });
    const context = `${baseUrl()}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`;
    const [schemaName, resultsName] = isLower ? ['schema', 'results'] : ['Schema', 'Results'];
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json; odata.metadata=minimal', ...idHeaders(facts) },
      body: [
        `{"@odata.context":${JSON.stringify(context)},"${schemaName}":${schema},"${resultsName}":`,
        ...rows,
        '}',
      ],
    };
  } catch (error) {
    if (error instanceof HuntingError) throw graphRefusal(facts, toGraphError(error));
    throw error;
  }
}

/** Source: https://learn.microsoft.com/graph/api/resources/security-api-overview#quotas-and-resource-allocation */
function toGraphError(error: HuntingError): Parameters<typeof graphRefusal>[1] {
  switch (error.kind) {
    case 'badQuery':
    case 'resultTooLarge':
    case 'preempted':
    case 'retired':
      return graphErrors.badRequest(error.message);
    case 'notSimulated':
      return graphErrors.notSimulated(error.message);
    case 'timedOut':
      return graphErrors.gatewayTimeout();
    case 'tooManyCalls':
    case 'tooMuchTime':
      return graphErrors.tooManyRequests(error.message, toRetryAfter(error));
  }
}
