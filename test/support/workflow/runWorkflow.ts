import { LogicAppsClient, type LogicAppsOptions, realTime } from '../logicApps/LogicAppsClient.ts';
import type { Definition } from './Definition.ts';
import type { ActionRecord } from './expressions/EvaluationContext.ts';
import { NotInterpreted } from './expressions/Expression.ts';
import { runBranch } from './runBranch.ts';
import {
  type Authenticate,
  type Callbacks,
  type Run,
  type SentRequest,
  Terminated,
  type WorkflowResponse,
} from './Run.ts';

/** What a run needs besides its definition. */
export interface WorkflowOptions extends LogicAppsOptions {
  readonly workflowName: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly triggerBody: unknown;
  readonly authenticate: Authenticate;
  readonly callbacks: Callbacks;
  /** How long a callback is waited for, in real milliseconds. @default 1000 */
  readonly callbackMs?: number;
}

/** How a run ended. */
export interface WorkflowResult {
  readonly status: 'Succeeded' | 'Failed' | 'Cancelled';
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly runId: string;
  readonly response: WorkflowResponse | undefined;
  readonly actions: ReadonlyMap<string, ActionRecord>;
  readonly sent: readonly SentRequest[];
}

/** Runs a definition from its request to its end. @throws NotInterpreted for what Logic Apps would not run either. */
export async function runWorkflow(
  definition: Definition,
  { parameters, triggerBody, authenticate, callbacks, callbackMs = 1_000, ...options }: WorkflowOptions,
): Promise<WorkflowResult> {
  const run: Run = {
    name: options.workflowName,
    client: new LogicAppsClient(options).startRun(),
    time: options.time ?? realTime,
    authenticate,
    callbacks,
    callbackMs,
    triggerBody,
    parameters: fillParameters(definition, parameters),
    variables: new Map(),
    actions: new Map(),
    sent: [],
    response: undefined,
  };
  const { runId } = run.client;
  const { actions, sent } = run;
  const end = await runBranch(definition.actions, run).then(
    (status) => ({ status: status === 'Succeeded' ? status : ('Failed' as const), error: undefined }),
    (error: unknown) => {
      if (error instanceof Terminated) return error;
      throw error;
    },
  );
  return { status: end.status, error: end.error, runId, response: run.response, actions, sent };
}

/** Every parameter has a value, given or by default, and no other is given. */
function fillParameters(
  { parameters }: Definition,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined) throw new NotInterpreted(`The definition has no parameter ${unknown}.`);
  const filled = Object.entries(parameters).map(([name, { defaultValue }]) => {
    const value = given[name] ?? defaultValue;
    if (typeof value !== 'string') throw new NotInterpreted(`The parameter ${name} has no value.`);
    return [name, value] as const;
  });
  return Object.fromEntries(filled);
}
