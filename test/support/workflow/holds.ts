import { isDeepStrictEqual } from 'node:util';
import type { Condition, Operand } from './Definition.ts';
import type { EvaluationContext } from './expressions/EvaluationContext.ts';
import { ExpressionFailed } from './expressions/Expression.ts';
import { resolve } from './expressions/evaluate.ts';

/** @throws ExpressionFailed when what is compared by size are not two numbers. */
export function holds(condition: Condition, context: EvaluationContext): boolean {
  if ('and' in condition) return condition.and.every((part) => holds(part, context));
  if ('or' in condition) return condition.or.some((part) => holds(part, context));
  if ('not' in condition) return !holds(condition.not, context);
  if ('equals' in condition) {
    const [left, right] = condition.equals.map((operand) => resolve(operand, context));
    return isDeepStrictEqual(left, right);
  }
  if ('greater' in condition) return compare(condition.greater, context) > 0;
  if ('greaterOrEquals' in condition) return compare(condition.greaterOrEquals, context) >= 0;
  return compare(condition.less, context) < 0;
}

function compare(operands: readonly [Operand, Operand], context: EvaluationContext): number {
  const [left, right] = operands.map((operand) => resolve(operand, context));
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  throw new ExpressionFailed(`${String(left)} and ${String(right)} cannot be compared.`);
}
