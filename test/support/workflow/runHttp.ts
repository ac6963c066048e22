import type { ActionResult, HttpAction } from '../logicApps/LogicAppsClient.ts';
import type { Action, HttpInputs } from './Definition.ts';
import type { ActionRecord, EvaluationContext } from './expressions/EvaluationContext.ts';
import { resolve } from './expressions/evaluate.ts';
import { toText } from './expressions/toText.ts';
import { type Run, toContext } from './Run.ts';

/** Sends the request as Logic Apps does, retries and the asynchronous pattern included. @throws ExpressionFailed */
export async function runHttp(
  name: string,
  { inputs, limit, operationOptions }: Extract<Action, { type: 'Http' }>,
  run: Run,
): Promise<ActionRecord> {
  const request: HttpAction = {
    ...toRequest(inputs, toContext(run), run),
    ...(limit ? { limit } : {}),
    ...(operationOptions ? { operationOptions } : {}),
  };
  run.sent.push({ action: name, request });
  return toRecord(await run.client.http(name, request));
}

/** The request of an action, its expressions evaluated. @throws ExpressionFailed */
export function toRequest(inputs: HttpInputs, context: EvaluationContext, run: Run): HttpAction {
  const { method, authentication, retryPolicy, ...rest } = inputs;
  const { uri, headers, queries, body } = resolve(rest, context) as Omit<HttpInputs, 'method'>;
  const identity = resolve(authentication, context) as HttpInputs['authentication'];
  return {
    method,
    uri,
    ...(headers
      ? { headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, toText(value)])) }
      : {}),
    ...(queries ? { queries } : {}),
    ...(body === undefined ? {} : { body }),
    ...(identity ? { authentication: () => run.authenticate(identity) } : {}),
    ...(retryPolicy ? { retryPolicy } : {}),
  };
}

/** What expressions see of a request that is over. */
export function toRecord({ status, code, outputs, error }: ActionResult): ActionRecord {
  return { status, code, ...(outputs ? { outputs } : {}), ...(error ? { error } : {}) };
}
