import { ExpressionFailed, type Expression } from './Expression.ts';
import { callFunction } from './functions.ts';
import type { EvaluationContext } from './EvaluationContext.ts';
import { parseTemplate } from './template.ts';
import { toText } from './toText.ts';

/** @throws ExpressionFailed, NotInterpreted */
export function evaluate(expression: Expression, context: EvaluationContext): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'call':
      // All parameters of `if`, too: that only the chosen one is evaluated is not documented.
      return callFunction(
        expression.name,
        expression.parameters.map((parameter) => evaluate(parameter, context)),
        context,
      );
    case 'member':
      return getMember(
        evaluate(expression.of, context),
        evaluate(expression.key, context),
        expression.isOptional,
      );
  }
}

/** Evaluates every expression in a value of a definition. @throws ExpressionFailed, NotInterpreted */
export function resolve(value: unknown, context: EvaluationContext): unknown {
  if (typeof value === 'string') return resolveText(value, context);
  if (Array.isArray(value)) return value.map((item) => resolve(item, context));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, context)]));
}

function resolveText(text: string, context: EvaluationContext): unknown {
  const template = parseTemplate(text);
  if (template.kind === 'whole') return evaluate(template.expression, context);
  return template.pieces
    .map((piece) => (typeof piece === 'string' ? piece : toText(evaluate(piece, context))))
    .join('');
}

/** `?` forgives what is not there, but not a member of a text or a number. */
function getMember(of: unknown, key: unknown, isOptional: boolean): unknown {
  const name = JSON.stringify(key);
  if (of === null || of === undefined) {
    if (isOptional) return null;
    throw new ExpressionFailed(`There is no ${name} of null.`);
  }
  if (typeof of !== 'object') throw new ExpressionFailed(`There is no ${name} of a ${typeof of}.`);
  if (Array.isArray(of) ? typeof key !== 'number' : typeof key !== 'string')
    throw new ExpressionFailed(`${name} is no key of ${Array.isArray(of) ? 'an array' : 'an object'}.`);
  if (Object.hasOwn(of, key as PropertyKey))
    return (of as Readonly<Record<PropertyKey, unknown>>)[key as PropertyKey];
  if (isOptional) return null;
  throw new ExpressionFailed(`There is no ${name}.`);
}
