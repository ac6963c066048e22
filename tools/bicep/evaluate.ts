import type { Expression } from './Expression.ts';
import { callFunction, type Lambda, type Surroundings } from './functions.ts';
import {
  isList,
  isObject,
  isSame,
  Placeholder,
  toText,
  type Value,
  type ValueObject,
} from './Placeholder.ts';

/** What names stand for, and what is around them. */
export interface Scope extends Surroundings {
  /** @throws Error when nothing has that name. */
  lookUp(name: string): Value;
}

/** The value of an expression. @throws Error when it has none before a deployment. */
export function evaluate(expression: Expression, scope: Scope): Value {
  const value = (inner: Expression) => evaluate(inner, scope);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'text':
      return expression.parts.map((part) => (typeof part === 'string' ? part : toText(value(part)))).join('');
    case 'name':
      return scope.lookUp(expression.name);
    case 'member':
      return memberOf(value(expression.target), expression.name);
    case 'index':
      return memberOf(value(expression.target), value(expression.index));
    case 'array':
      return expression.items.map(value);
    case 'object':
      return objectOf(expression, scope);
    case 'choice':
      return value(isTrue(value(expression.condition)) ? expression.yes : expression.no);
    case 'unary':
      return expression.operator === '!'
        ? !isTrue(value(expression.operand))
        : -Number(value(expression.operand));
    case 'binary':
      return calculate(
        expression.operator,
        () => value(expression.left),
        () => value(expression.right),
      );
    case 'for':
      return evaluateLoop(expression, scope, evaluate).filter((item) => item !== null);
    case 'if':
      return isTrue(value(expression.condition)) ? value(expression.body) : null;
    case 'call':
      return call(expression, scope);
    case 'lambda':
      throw new Error('A lambda is no value.');
  }
}

/** What `use` makes of the body for each item of the source. */
export function evaluateLoop<T>(
  loop: Extract<Expression, { kind: 'for' }>,
  scope: Scope,
  use: (body: Expression, scope: Scope) => T,
): readonly T[] {
  const source = evaluate(loop.source, scope);
  if (!isList(source)) throw new Error(`Only a deployment knows over what ${loop.variable} goes.`);
  return source.map((item, index) =>
    use(loop.body, within(scope, { [loop.variable]: item, ...(loop.index ? { [loop.index]: index } : {}) })),
  );
}

/** @throws Error when only a deployment knows. */
export function isTrue(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`Only a deployment knows whether ${toText(value)}.`);
}

function within(scope: Scope, names: ValueObject): Scope {
  return { ...scope, lookUp: (name) => (name in names ? (names[name] ?? null) : scope.lookUp(name)) };
}

function memberOf(target: Value, name: Value): Value {
  if (target instanceof Placeholder) return new Placeholder(`${target.text}.${toText(name)}`);
  if (isList(target)) return target[Number(name)] ?? null;
  return isObject(target) ? (target[toText(name)] ?? null) : null;
}

function objectOf({ entries }: Extract<Expression, { kind: 'object' }>, scope: Scope): ValueObject {
  const parts = entries.map(({ key, value }): ValueObject => {
    const result = evaluate(value, scope);
    if (key) return { [toText(evaluate(key, scope))]: result };
    return isObject(result) ? result : {};
  });
  return Object.assign({}, ...parts) as ValueObject;
}

function calculate(operator: string, left: () => Value, right: () => Value): Value {
  switch (operator) {
    case '&&':
      return isTrue(left()) && isTrue(right());
    case '||':
      return isTrue(left()) || isTrue(right());
    case '??':
      return left() ?? right();
    case '==':
      return isSame(left(), right());
    case '!=':
      return !isSame(left(), right());
    case '>':
      return Number(left()) > Number(right());
    case '<':
      return Number(left()) < Number(right());
    case '*':
      return Number(left()) * Number(right());
    case '-':
      return Number(left()) - Number(right());
    default:
      throw new Error(`The operator ${operator} is not known here.`);
  }
}

function call({ name, target, args }: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
  // Functions of a resource, such as listCallbackUrl, are answered by the service.
  if (target) return new Placeholder(`${toText(evaluate(target, scope)).slice(1, -1)}.${name}()`);
  const lambdas = args.flatMap((argument): Lambda[] => {
    if (argument.kind !== 'lambda') return [];
    const { parameters, body } = argument;
    const names = (values: readonly Value[]) =>
      Object.fromEntries(parameters.map((parameter, index) => [parameter, values[index] ?? null]));
    return [(...values) => evaluate(body, within(scope, names(values)))];
  });
  const values = args.filter(({ kind }) => kind !== 'lambda').map((argument) => evaluate(argument, scope));
  return callFunction(name, { values, lambdas }, scope);
}
