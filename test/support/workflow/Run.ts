import type { HttpAction, WorkflowRun, WorkflowTime } from '../logicApps/LogicAppsClient.ts';
import type { Authentication } from './Definition.ts';
import type { ActionRecord, EvaluationContext } from './expressions/EvaluationContext.ts';

/** What `Response` answered. */
export interface WorkflowResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A request as an action was going to send it, its expressions evaluated. */
export interface SentRequest {
  readonly action: string;
  readonly request: HttpAction;
}

/** Gives the token of a managed identity. */
export type Authenticate = (authentication: Authentication) => Promise<string>;

/** What was sent to a callback URL. */
export interface CalledBack {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** How somebody who was asked calls back. */
export interface Callbacks {
  /** A new URL, and what will be sent to it. */
  open(): { readonly url: string; readonly called: Promise<CalledBack> };
}

/** One run of a workflow: what the actions share. */
export interface Run {
  readonly name: string;
  readonly client: WorkflowRun;
  readonly time: WorkflowTime;
  readonly authenticate: Authenticate;
  readonly callbacks: Callbacks;
  /** How long a callback is waited for in real milliseconds before the workflow's time passes. */
  readonly callbackMs: number;
  readonly triggerBody: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly variables: Map<string, unknown>;
  readonly actions: Map<string, ActionRecord>;
  readonly sent: SentRequest[];
  response: WorkflowResponse | undefined;
}

/** `Terminate` was reached. */
export class Terminated extends Error {
  override readonly name = 'Terminated';
  readonly status: 'Succeeded' | 'Failed' | 'Cancelled';
  readonly error: { readonly code: string; readonly message: string } | undefined;

  constructor(status: Terminated['status'], error: Terminated['error']) {
    super(status);
    this.status = status;
    this.error = error;
  }
}

/** What expressions see of the run now. */
export function toContext(run: Run, more: Partial<EvaluationContext> = {}): EvaluationContext {
  return {
    triggerBody: run.triggerBody,
    parameters: run.parameters,
    variables: run.variables,
    actions: run.actions,
    workflow: { name: run.name, runId: run.client.runId },
    now: () => new Date(run.time.now()),
    ...more,
  };
}
