import { type Action, type Actions, listActions, listBranches } from './Definition.ts';
import type { ActionRecord, ActionStatus } from './expressions/EvaluationContext.ts';
import { ExpressionFailed, NotInterpreted } from './expressions/Expression.ts';
import { resolve } from './expressions/evaluate.ts';
import { holds } from './holds.ts';
import { type Run, toContext } from './Run.ts';
import { runAction } from './runAction.ts';

/**
 * Runs actions that stand side by side: each as soon as all that it runs after have ended, and only when each of those
 * ended as `runAfter` wants it.
 * @returns what becomes of the action, or the run, around them.
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/error-exception-handling
 */
export async function runBranch(branch: Actions, run: Run): Promise<ActionStatus> {
  const ends = new Map<string, Promise<ActionStatus>>();
  const end = (name: string): Promise<ActionStatus> => {
    const known = ends.get(name);
    if (known) return known;
    const action = branch[name];
    if (!action) throw new NotInterpreted(`There is no action ${name}.`);
    const running = Promise.all(
      Object.entries(action.runAfter).map(async ([earlier, wanted]) => {
        const status = await end(earlier);
        return wanted.some((one) => one === status);
      }),
    ).then((wishes) => (wishes.every(Boolean) ? runOne(name, action, run) : skip(name, action, run)));
    ends.set(name, running);
    return running;
  };
  await Promise.all(Object.keys(branch).map(end));
  return summarise(branch, run);
}

/**
 * A skipped action at the end of a path counts as what came before it. What was cancelled fails the scope around it.
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-run-steps-group-scopes
 */
function summarise(branch: Actions, run: Run): ActionStatus {
  const followed = new Set(Object.values(branch).flatMap(({ runAfter }) => Object.keys(runAfter)));
  const lasting = (name: string): ActionStatus[] => {
    const status = run.actions.get(name)?.status ?? 'Skipped';
    return status === 'Skipped' ? Object.keys(branch[name]?.runAfter ?? {}).flatMap(lasting) : [status];
  };
  const ends = Object.keys(branch)
    .filter((name) => !followed.has(name))
    .flatMap(lasting);
  return ends.some((status) => status !== 'Succeeded') ? 'Failed' : 'Succeeded';
}

function skip(name: string, action: Action, run: Run): ActionStatus {
  const all = [
    name,
    ...listBranches(action)
      .flatMap(listActions)
      .map(([inner]) => inner),
  ];
  for (const skipped of all) run.actions.set(skipped, { status: 'Skipped', code: 'ActionSkipped' });
  return 'Skipped';
}

async function runOne(name: string, action: Action, run: Run): Promise<ActionStatus> {
  const record = await runSafely(name, action, run);
  run.actions.set(name, record);
  return record.status;
}

/** An expression that cannot be evaluated fails its action, and nothing else. */
async function runSafely(name: string, action: Action, run: Run): Promise<ActionRecord> {
  try {
    const chosen = chooseBranch(action, run);
    if (!chosen) return await runAction(name, action, run);
    for (const other of listBranches(action).filter((branch) => branch !== chosen))
      for (const [inner, its] of Object.entries(other)) skip(inner, its, run);
    const status = await runBranch(chosen, run);
    if (status === 'Succeeded') return { status };
    return { status, error: { code: 'ActionFailed', message: 'An action within failed.' } };
  } catch (error) {
    if (!(error instanceof ExpressionFailed)) throw error;
    return { status: 'Failed', error: { code: 'InvalidTemplate', message: `${name}: ${error.message}` } };
  }
}

/** The branch that runs of an action with branches. @throws ExpressionFailed */
function chooseBranch(action: Action, run: Run): Actions | undefined {
  switch (action.type) {
    case 'Scope':
      return action.actions;
    case 'If':
      return holds(action.expression, toContext(run)) ? action.actions : action.else.actions;
    case 'Switch': {
      const value = resolve(action.expression, toContext(run));
      const found = Object.values(action.cases).find((one) => one.case === value);
      return (found ?? action.default).actions;
    }
    default:
      return undefined;
  }
}
