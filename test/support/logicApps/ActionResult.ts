/**
 * What becomes of an action when `limit.timeout` is over. The documentation does not settle it: one page says `Cancelled`
 * with the code `ActionTimedOut`, another one has `TimedOut` among the statuses that an action ends with. A workflow has to
 * be right for both.
 *
 * Sources: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#asynchronous-limits,
 * https://learn.microsoft.com/azure/logic-apps/error-exception-handling#manage-the-run-after-behavior
 */
export type TimeoutStatus = 'TimedOut' | 'Cancelled';

/** How an action ended, and everything that it sent. */
export interface ActionResult {
  /** A `TimeoutStatus`: `limit.timeout` was over before there was a final answer. */
  readonly status: 'Succeeded' | 'Failed' | TimeoutStatus;
  /**
   * The final status in words, such as `OK` or `UnprocessableEntity`; `ActionTimedOut`; or, where no answer came at all,
   * `RequestTimedOut` or `ConnectionFailed`, which are this client's own words.
   */
  readonly code: string;
  /** The final answer; absent when there is none. */
  readonly outputs?: ActionOutputs;
  /** Absent when the action succeeded. */
  readonly error?: { readonly code: string; readonly message: string };
  /** How often the action's own request was sent: 1, and 1 more for each retry. Polls do not count. */
  readonly attempts: number;
  /** Every request in order, polls included. */
  readonly requests: readonly RequestRecord[];
}

/** `outputs('<action>')` in a workflow. */
export interface ActionOutputs {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as a value, text as a string, anything else as `{$content-type, $content}`; undefined when there is none. */
  readonly body: unknown;
}

/** One request as it was sent, and what became of it. */
export interface RequestRecord {
  /** `poll`: a GET at the `Location` of a 202. */
  readonly kind: 'first' | 'retry' | 'poll';
  readonly method: string;
  readonly url: string;
  /** Without `authorization`. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** A bearer token was sent. */
  readonly hasToken: boolean;
  /** By the client's time. */
  readonly sentAtMs: number;
  /** How long the action had waited since the request before. */
  readonly waitedMs: number;
  /** The status that came in, also of an answer that was lost; undefined when none came. */
  readonly statusCode: number | undefined;
  /** Why the client saw no answer. `answerLost`: the hook lost it. */
  readonly failure: RequestFailure | undefined;
}

/** Why a request has no answer. */
export type RequestFailure = 'timedOut' | 'connectionFailed' | 'answerLost';
