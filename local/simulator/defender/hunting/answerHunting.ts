import type { Estate } from '../../company/Estate.ts';
import type { AccessClaims } from '../../entra/accessToken.ts';
import type { Answer } from '../../http/Answer.ts';
import type { Call } from '../../http/Call.ts';
import type { Hunting } from '../../hunting/Hunting.ts';
import { HuntingError } from '../../hunting/HuntingError.ts';
import type { HuntingApi } from '../../hunting/HuntingLimits.ts';
import { toRetryAfter } from '../../hunting/toRetryAfter.ts';
import { writeResult } from '../../hunting/writeResult.ts';
import { authorize } from '../authorize.ts';
import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import { getText, parseJsonBody } from '../jsonBody.ts';
import type { Access } from '../roles/judgeCaller.ts';

/** The two older hunting calls, by their path behind `/api/`. */
const huntingCalls: Readonly<Record<string, { readonly api: HuntingApi; readonly access: Access }>> = {
  /** Source: https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api */
  'advancedqueries/run': {
    api: 'endpoint',
    access: { roles: ['AdvancedQuery.Read.All'], scopes: ['AdvancedQuery.Read'], permission: 'View data' },
  },
  /** Source: https://learn.microsoft.com/defender-xdr/api-advanced-hunting */
  'advancedhunting/run': {
    api: 'xdr',
    access: {
      roles: ['AdvancedHunting.Read.All'],
      scopes: ['AdvancedHunting.Read'],
      permission: 'View data',
    },
  },
};

/** A hunting call and the tenant that it is about. */
export interface HuntingCall {
  readonly call: Call;
  readonly claims: AccessClaims;
  readonly estate: Estate;
}

/** The answer to the hunting call at this path, undefined when it is none; throws a refusal. */
export async function answerHunting(
  hunting: Hunting,
  path: string,
  { call, claims, estate }: HuntingCall,
): Promise<Answer | undefined> {
  const found = Object.hasOwn(huntingCalls, path) ? huntingCalls[path] : undefined;
  if (found === undefined) return undefined;
  const { api, access } = found;
  if (call.method !== 'POST') throw defenderRefusal(defenderErrors.methodNotAllowed(call.method));
  const viewpoint = authorize(claims, access, estate);
  const query = getText(parseJsonBody(call, ['Query']), 'Query');
  try {
    const { table, seconds } = await hunting.run({
      api,
      tenant: claims.tid,
      data: estate.huntingData,
      viewpoint,
      query,
      window: {},
      signal: call.signal,
    });
    const mostBytes = hunting.quota.limits.resultBytes;
    const { schema, rows } = writeResult(table, { name: 'Name', type: 'Type', mostBytes });
    const stats = {
      ExecutionTime: seconds,
      dataset_statistics: [
        { table_row_count: table.rows.length, table_size: rows.reduce((sum, { length }) => sum + length, 0) },
      ],
    };
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: [`{"Stats":${JSON.stringify(stats)},"Schema":${schema},"Results":`, ...rows, '}'],
    };
  } catch (error) {
    if (error instanceof HuntingError) throw defenderRefusal(toDefenderError(error));
    throw error;
  }
}

/** Only the codes are documented: https://learn.microsoft.com/defender-endpoint/api/common-errors */
function toDefenderError(error: HuntingError): Parameters<typeof defenderRefusal>[0] {
  switch (error.kind) {
    case 'badQuery':
    case 'resultTooLarge':
    case 'preempted':
      return defenderErrors.badRequest(error.message);
    case 'notSimulated':
      return defenderErrors.notSimulated(error.message);
    case 'timedOut':
      // That an error comes is documented, and not which.
      return { status: 500, code: 'InternalServerError', message: error.message };
    case 'retired':
      // What a retired API answers is not documented; this is the code of a feature that the tenant does not have.
      return { status: 403, code: 'DisabledFeature', message: error.message };
    case 'tooManyCalls':
    case 'tooMuchTime':
      return {
        status: 429,
        code: 'TooManyRequests',
        message: error.message,
        headers: { 'Retry-After': toRetryAfter(error) },
      };
  }
}
