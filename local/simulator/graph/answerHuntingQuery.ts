import type { Answer } from '../http/Answer.ts';
import type { Access } from '../defender/roles/judgeCaller.ts';
import type { Hunting } from '../hunting/Hunting.ts';
import { HuntingError } from '../hunting/HuntingError.ts';
import { toRetryAfter } from '../hunting/toRetryAfter.ts';
import { writeResult } from '../hunting/writeResult.ts';
import type { GraphContext } from './GraphOperation.ts';
import { graphErrors, graphRefusal, idHeaders } from './graphRefusal.ts';
import { parseHuntingBody } from './parseHuntingBody.ts';

/** Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery#permissions */
export const hunters: Access = {
  roles: ['ThreatHunting.Read.All'],
  scopes: ['ThreatHunting.Read.All'],
  permission: 'View data',
};

/** `POST /v1.0/security/runHuntingQuery`. Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery */
export async function answerHuntingQuery(hunting: Hunting, context: GraphContext): Promise<Answer> {
  const { call, claims, facts, estate, viewpoint, nowTicks, apiUrl } = context;
  const { query, window } = parseHuntingBody(call, facts, nowTicks);
  try {
    const { table } = await hunting.run({
      api: 'graph',
      tenant: claims.tid,
      data: estate.huntingData,
      viewpoint,
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
    const resultType = `${apiUrl}/$metadata#microsoft.graph.security.huntingQueryResults`;
    const [schemaName, resultsName] = isLower ? ['schema', 'results'] : ['Schema', 'Results'];
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json; odata.metadata=minimal', ...idHeaders(facts) },
      body: [
        `{"@odata.context":${JSON.stringify(resultType)},"${schemaName}":${schema},"${resultsName}":`,
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
