import { isDeepStrictEqual } from 'node:util';
import type { ActionRecord, EvaluationContext } from './EvaluationContext.ts';
import { ExpressionFailed, NotInterpreted } from './Expression.ts';
import { toText } from './toText.ts';

type Call = (parameters: readonly unknown[], context: EvaluationContext) => unknown;

interface WorkflowFunction {
  readonly call: Call;
  readonly fewest: number;
  readonly most: number;
}

const taking = (fewest: number, most: number, call: Call): WorkflowFunction => ({ call, fewest, most });

/**
 * The functions that the playbooks use, and no other.
 * Source: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
 */
const functions: Readonly<Record<string, WorkflowFunction>> = {
  actions: taking(1, 1, ([name], context) => findAction(name, context)),
  outputs: taking(1, 1, ([name], context) => findAction(name, context)?.outputs ?? null),
  body: taking(1, 1, ([name], context) => findBody(name, context)),
  base64: taking(1, 1, ([text]) => Buffer.from(getText(text), 'utf8').toString('base64')),
  coalesce: taking(
    1,
    Infinity,
    (values) => values.find((value) => value !== null && value !== undefined) ?? null,
  ),
  concat: taking(2, Infinity, (values) => values.map(toText).join('')),
  contains: taking(2, 2, ([collection, value]) => {
    if (!Array.isArray(collection)) throw new ExpressionFailed('contains() is known for arrays only.');
    return collection.some((item) => isDeepStrictEqual(item, value));
  }),
  createArray: taking(1, Infinity, (values) => values),
  equals: taking(2, 2, ([left, right]) => isDeepStrictEqual(left, right)),
  first: taking(1, 1, ([list]) => {
    if (!Array.isArray(list)) throw new ExpressionFailed('first() is known for arrays only.');
    return (list as readonly unknown[])[0] ?? null;
  }),
  if: taking(3, 3, ([condition, yes, no]) => {
    if (typeof condition !== 'boolean') throw new ExpressionFailed('The condition of if() is not a boolean.');
    return condition ? yes : no;
  }),
  item: taking(0, 0, (_none, { item }) => {
    if (item === undefined) throw new NotInterpreted('item() has no meaning here.');
    return item;
  }),
  json: taking(1, 1, ([text]) => {
    try {
      return JSON.parse(getText(text)) as unknown;
    } catch {
      throw new ExpressionFailed('json() was given no JSON.');
    }
  }),
  less: taking(2, 2, ([left, right]) => getNumber(left) < getNumber(right)),
  listCallbackUrl: taking(0, 0, (_none, { callbackUrl }) => {
    if (callbackUrl === undefined) throw new NotInterpreted('listCallbackUrl() has no meaning here.');
    return callbackUrl;
  }),
  parameters: taking(1, 1, ([name], { parameters }) =>
    getDefined(parameters[getText(name)], 'parameter', name),
  ),
  setProperty: taking(3, 3, ([object, name, value]) => {
    if (typeof object !== 'object' || object === null)
      throw new ExpressionFailed('setProperty() needs an object.');
    return { ...object, [getText(name)]: value };
  }),
  string: taking(1, 1, ([value]) => toText(value)),
  take: taking(2, 2, ([collection, count]) => {
    if (typeof collection === 'string' || Array.isArray(collection))
      return collection.slice(0, getNumber(count));
    throw new ExpressionFailed('take() needs a text or an array.');
  }),
  triggerBody: taking(0, 0, (_none, { triggerBody }) => triggerBody ?? null),
  uriComponent: taking(1, 1, ([text]) => encodeURIComponent(getText(text))),
  utcNow: taking(0, 0, (_none, { now }) => now().toISOString()),
  variables: taking(1, 1, ([name], { variables }) =>
    getDefined(variables.get(getText(name)), 'variable', name),
  ),
  workflow: taking(0, 0, (_none, { workflow }) => ({ name: workflow.name, run: { name: workflow.runId } })),
};

/** The names of all functions that are known. */
export const functionNames: readonly string[] = Object.keys(functions);

/** @throws NotInterpreted for an unknown function or a wrong number of parameters; ExpressionFailed */
export function callFunction(
  name: string,
  parameters: readonly unknown[],
  context: EvaluationContext,
): unknown {
  return getFunction(name, parameters.length).call(parameters, context);
}

/** @throws NotInterpreted */
export function getFunction(name: string, count: number): WorkflowFunction {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!found) throw new NotInterpreted(`The function ${name}() is not known.`);
  if (count < found.fewest || count > found.most)
    throw new NotInterpreted(`${name}() does not take ${count} parameters.`);
  return found;
}

/** Null for an action that has not run. */
function findAction(name: unknown, { actions }: EvaluationContext): ActionRecord | null {
  return actions.get(getText(name)) ?? null;
}

/** `outputs('<name>')['body']`, and for actions without parts of their outputs the outputs themselves. */
function findBody(name: unknown, context: EvaluationContext): unknown {
  const outputs = findAction(name, context)?.outputs ?? null;
  if (typeof outputs !== 'object' || outputs === null) return null;
  return 'body' in outputs ? (outputs.body ?? null) : null;
}

function getDefined(value: unknown, kind: string, name: unknown): unknown {
  if (value === undefined) throw new NotInterpreted(`There is no ${kind} ${String(name)}.`);
  return value;
}

function getText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ExpressionFailed(`A text is needed, not ${value === null ? 'null' : `a ${typeof value}`}.`);
}

function getNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new ExpressionFailed(`A number is needed, not ${value === null ? 'null' : `a ${typeof value}`}.`);
}
