/**
 * An HTTP action of a workflow, its expressions already evaluated.
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#http-action
 */
export interface HttpAction {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** An absolute URL, with or without a query. */
  readonly uri: string;
  /** Some are dropped without a word; see `toSentHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query of `uri`. */
  readonly queries?: Readonly<Record<string, string | number | boolean>>;
  /** Text and bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown;
  /** Gives the bearer token of the managed identity, for each request and each poll. Absent: no token is sent. */
  readonly authentication?: () => string | Promise<string>;
  /** @default { type: 'default' } */
  readonly retryPolicy?: RetryPolicy;
  /** `DisableAsyncPattern`: 202 is an answer like any other. Absent: `Location` is followed until the answer is not 202. */
  readonly operationOptions?: 'DisableAsyncPattern';
  /** How long the action may take with all its retries, waits and polls: an ISO 8601 duration. Absent: no limit. */
  readonly limit?: { readonly timeout: string };
}

/**
 * What is done when a request times out, fails to connect, or is answered with 408, 429 or 5xx. Intervals are ISO 8601
 * durations from 5 seconds to a day; `count` is the number of retries, 1 to 90.
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
 */
export type RetryPolicy =
  | { readonly type: 'default' }
  | { readonly type: 'none' }
  | { readonly type: 'fixed'; readonly count: number; readonly interval: string }
  | {
      readonly type: 'exponential';
      readonly count: number;
      readonly interval: string;
      /** @default PT5S */
      readonly minimumInterval?: string;
      /** @default P1D */
      readonly maximumInterval?: string;
    };
