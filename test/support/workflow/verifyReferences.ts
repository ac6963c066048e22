import { type Action, type Actions, type Definition, listActions, listBranches } from './Definition.ts';
import { type Expression, NotInterpreted } from './expressions/Expression.ts';
import { getFunction } from './expressions/functions.ts';
import { listExpressions } from './expressions/template.ts';

/** What expressions of an action may name. */
interface Visible {
  /** Actions that have ended before it, with all that is within them. */
  readonly actions: ReadonlySet<string>;
  readonly parameters: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
}

const namingActions = new Set(['actions', 'outputs', 'body']);

/**
 * Logic Apps refuses to deploy an expression that names an action outside the `runAfter` path of its own action and of
 * the actions around that one, or a parameter that is not declared.
 * @throws NotInterpreted
 */
export function verifyReferences({ parameters, actions }: Definition): void {
  const variables = listActions(actions).flatMap(([, action]) =>
    action.type === 'InitializeVariable' ? action.inputs.variables.map(({ name }) => name) : [],
  );
  verifyBranch(actions, {
    actions: new Set(),
    parameters: new Set(Object.keys(parameters)),
    variables: new Set(variables),
  });
}

function verifyBranch(branch: Actions, around: Visible): void {
  for (const [name, action] of Object.entries(branch)) {
    const before = new Set(around.actions);
    for (const earlier of listEarlier(branch, name, [])) {
      before.add(earlier);
      for (const inner of listBranches(getAction(branch, earlier)).flatMap(listActions)) before.add(inner[0]);
    }
    const visible = { ...around, actions: before };
    for (const expression of listExpressions(ownParts(action))) verifyExpression(expression, name, visible);
    for (const inner of listBranches(action)) verifyBranch(inner, visible);
  }
}

/** Everything that runs before an action of the same branch. */
function listEarlier(branch: Actions, name: string, path: readonly string[]): string[] {
  if (path.includes(name)) throw new NotInterpreted(`${name} runs after itself.`);
  return Object.keys(getAction(branch, name).runAfter).flatMap((earlier) => {
    if (!Object.hasOwn(branch, earlier))
      throw new NotInterpreted(`${name} runs after ${earlier}, which is not beside it.`);
    return [earlier, ...listEarlier(branch, earlier, [...path, name])];
  });
}

function getAction(branch: Actions, name: string): Action {
  const action = branch[name];
  if (!action) throw new NotInterpreted(`There is no action ${name}.`);
  return action;
}

/** An action without the actions within it; a schema holds no expressions. */
function ownParts(action: Action): unknown {
  switch (action.type) {
    case 'Scope':
      return [];
    case 'If':
    case 'Switch':
      return action.expression;
    case 'ParseJson':
      return action.inputs.content;
    default:
      return action.inputs;
  }
}

function verifyExpression(expression: Expression, action: string, visible: Visible): void {
  if (expression.kind === 'literal') return;
  if (expression.kind === 'member') {
    verifyExpression(expression.of, action, visible);
    verifyExpression(expression.key, action, visible);
    return;
  }
  const { name, parameters } = expression;
  getFunction(name, parameters.length);
  for (const parameter of parameters) verifyExpression(parameter, action, visible);
  const [first] = parameters;
  const named = first?.kind === 'literal' ? String(first.value) : '';
  const known = namingActions.has(name)
    ? visible.actions
    : name === 'parameters'
      ? visible.parameters
      : name === 'variables'
        ? visible.variables
        : undefined;
  if (known && !known.has(named))
    throw new NotInterpreted(`${action} uses ${name}('${named}'), which it cannot see.`);
}
