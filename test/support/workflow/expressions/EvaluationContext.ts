/** What `actions('<name>')` gives of an action that has ended. */
export interface ActionRecord {
  readonly status: ActionStatus;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
  readonly code?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * What `runAfter` can wait for. That it takes `Cancelled` is not documented, so nothing here relies on it.
 * Source: https://learn.microsoft.com/azure/logic-apps/error-exception-handling#manage-the-run-after-behavior
 */
export type RunAfterStatus = 'Succeeded' | 'Failed' | 'Skipped' | 'TimedOut';

/** How an action of a run that goes on has ended. `Cancelled`: see `TimeoutStatus`. */
export type ActionStatus = RunAfterStatus | 'Cancelled';

/** What expressions can see of a run. */
export interface EvaluationContext {
  readonly triggerBody: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly variables: ReadonlyMap<string, unknown>;
  readonly actions: ReadonlyMap<string, ActionRecord>;
  readonly workflow: { readonly name: string; readonly runId: string };
  readonly now: () => Date;
  /** The item that `Select` or `Query` is at. */
  readonly item?: unknown;
  /** Within the subscription of a webhook only. */
  readonly callbackUrl?: string;
}
