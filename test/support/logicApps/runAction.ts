import { STATUS_CODES } from 'node:http';
import type { ActionOutputs, ActionResult, RequestFailure, TimeoutStatus } from './ActionResult.ts';
import { ActionRequests, type RequestOutcome, type RequestSettings } from './ActionRequests.ts';
import { ActionTime, ActionTimedOut } from './ActionTime.ts';
import { toWorkflowContent } from './content.ts';
import type { Origin } from './headers.ts';
import type { HttpAction } from './HttpAction.ts';
import { parseDuration } from './parseDuration.ts';
import { isRetried, toRetryPlan, type RetryPlan } from './retries.ts';
import { findRetryAfterMs } from './retryAfter.ts';
import type { IncomingAnswer } from './sendRequest.ts';

/** What an action runs with. */
export interface ActionSettings extends RequestSettings {
  /** Polls that fail are tried again by the action's retry policy. */
  readonly retryPolls: boolean;
  readonly random: () => number;
  /** Of an action that reached `limit.timeout`. */
  readonly timeoutStatus: TimeoutStatus;
}

/** How long is waited before a poll when the answer does not say: 20 seconds. */
const pollIntervalMs = 20_000;

/** Runs one action to its end: request, retries, polls. Throws only for what no workflow could hold, such as a relative URI. */
export async function runAction(
  action: HttpAction,
  origin: Origin,
  settings: ActionSettings,
): Promise<ActionResult> {
  const limitMs = action.limit === undefined ? Infinity : parseDuration(action.limit.timeout);
  const actionTime = new ActionTime(settings.time, limitMs);
  const requests = new ActionRequests({ action, origin, settings, actionTime });
  const plan = toRetryPlan(action.retryPolicy ?? { type: 'default' });
  const sendAction = () => requests.sendAction();
  try {
    let outcome = await sendWithRetries({ send: sendAction, plan, requests, settings });
    if (action.operationOptions !== 'DisableAsyncPattern')
      outcome = await followLocation(outcome, { plan, requests, settings });
    return toResult(outcome, requests);
  } catch (error) {
    if (!(error instanceof ActionTimedOut)) throw error;
    const message = `The action was not over within its limit of ${action.limit?.timeout ?? ''}.`;
    return end(settings.timeoutStatus, { code: 'ActionTimedOut', message }, requests);
  }
}

interface Progress {
  readonly plan: RetryPlan;
  readonly requests: ActionRequests;
  readonly settings: ActionSettings;
}

async function sendWithRetries({
  send,
  plan,
  requests,
  settings,
}: Progress & { readonly send: () => Promise<RequestOutcome> }): Promise<RequestOutcome> {
  let outcome = await send();
  for (let retry = 1; retry <= plan.count; retry += 1) {
    const { answer } = outcome;
    if (answer !== undefined && !isRetried(answer.statusCode)) return outcome;
    const asked = answer === undefined ? undefined : findRetryAfterMs(answer.headers, settings.time.now());
    await requests.sleep(asked ?? plan.delayMs(retry, settings.random()));
    outcome = await send();
  }
  return outcome;
}

/**
 * While the answer is 202 with an absolute `Location`, waits and asks there.
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-create-api-app#async-pattern
 */
async function followLocation(first: RequestOutcome, progress: Progress): Promise<RequestOutcome> {
  const { requests, settings } = progress;
  // "Retry" in the documentation is about the original request only.
  const plan = settings.retryPolls ? progress.plan : toRetryPlan({ type: 'none' });
  let outcome = first;
  let location: string | undefined;
  while (outcome.answer?.statusCode === 202) {
    const { headers } = outcome.answer;
    location = findLocation(headers) ?? location;
    if (location === undefined) return outcome;
    const url = location;
    await requests.sleep(findRetryAfterMs(headers, settings.time.now()) ?? pollIntervalMs);
    outcome = await sendWithRetries({ ...progress, plan, send: () => requests.sendPoll(url) });
  }
  return outcome;
}

/** A `Location` that is not an absolute URL is not valid, so the pattern is not followed. */
function findLocation({ location }: Readonly<Record<string, string>>): string | undefined {
  const url = location === undefined ? null : URL.parse(location);
  return url !== null && ['http:', 'https:'].includes(url.protocol) ? url.href : undefined;
}

function toResult({ answer, failure }: RequestOutcome, requests: ActionRequests): ActionResult {
  if (answer === undefined) return end('Failed', noAnswer[failure], requests);
  const outputs = toOutputs(answer);
  const { statusCode } = outputs;
  const code = toCode(statusCode);
  if (statusCode >= 200 && statusCode < 300)
    return { status: 'Succeeded', code, outputs, attempts: requests.attempts, requests: requests.records };
  const message = `The last answer has the status ${statusCode}.`;
  return { ...end('Failed', { code, message }, requests), outputs };
}

function end(
  status: 'Failed' | TimeoutStatus,
  error: { readonly code: string; readonly message: string },
  requests: ActionRequests,
): ActionResult {
  return { status, code: error.code, error, attempts: requests.attempts, requests: requests.records };
}

const connectionFailed = {
  code: 'ConnectionFailed',
  message: 'The connection failed before there was an answer.',
};

const noAnswer: Readonly<Record<RequestFailure, { readonly code: string; readonly message: string }>> = {
  timedOut: { code: 'RequestTimedOut', message: 'The service did not answer within the limit of a request.' },
  connectionFailed,
  answerLost: connectionFailed,
};

function toOutputs({ statusCode, headers, bytes }: IncomingAnswer): ActionOutputs {
  return { statusCode, headers, body: toWorkflowContent(bytes, headers['content-type']) };
}

/** `Unprocessable Entity` becomes `UnprocessableEntity`. */
function toCode(statusCode: number): string {
  return (STATUS_CODES[statusCode] ?? String(statusCode)).replace(/[^A-Za-z0-9]/g, '');
}
