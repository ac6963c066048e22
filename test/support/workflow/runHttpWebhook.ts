import { setTimeout as delay } from 'node:timers/promises';
import { parseDuration } from '../logicApps/parseDuration.ts';
import type { Action } from './Definition.ts';
import type { ActionRecord } from './expressions/EvaluationContext.ts';
import { NotInterpreted } from './expressions/Expression.ts';
import { type Run, toContext } from './Run.ts';
import { toRecord, toRequest } from './runHttp.ts';

/**
 * Tells somebody a URL, and waits until it is called or the limit is over. What is sent to the URL is the output.
 * Source: https://learn.microsoft.com/azure/connectors/connectors-native-webhook
 */
export async function runHttpWebhook(
  name: string,
  { inputs, limit }: Extract<Action, { type: 'HttpWebhook' }>,
  run: Run,
): Promise<ActionRecord> {
  if (!limit) throw new NotInterpreted(`${name} would wait for as long as the run may last.`);
  const { url, called } = run.callbacks.open();
  const subscribe = toRequest(inputs.subscribe, toContext(run, { callbackUrl: url }), run);
  run.sent.push({ action: name, request: subscribe });
  const subscribed = await run.client.http(name, { ...subscribe, operationOptions: 'DisableAsyncPattern' });
  if (subscribed.status !== 'Succeeded') return toRecord(subscribed);
  const outputs = await Promise.race([called, delay(run.callbackMs).then(() => undefined)]);
  if (outputs) return { status: 'Succeeded', code: 'OK', outputs };
  await run.time.sleep(parseDuration(limit.timeout));
  const message = `Nobody called back within ${limit.timeout}.`;
  const { timeoutStatus: status } = run.client;
  return { status, code: 'ActionTimedOut', error: { code: 'ActionTimedOut', message } };
}
