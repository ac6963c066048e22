import type { Value } from '../values/Value.ts';
import { toText } from '../values/convert.ts';
import { add, divide, modulo, multiply, subtract } from './arithmetic.ts';
import { and, equals, not, or, relate } from './comparison.ts';
import { stringMatches } from './stringMatch.ts';

/** The value of an operator between two values, by the operator's name. */
export const binaryOperators: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
  '==': equals,
  '!=': (left, right) => not(equals(left, right)),
  '<>': (left, right) => not(equals(left, right)),
  '<': (left, right) => relate(left, right, (order) => order < 0),
  '<=': (left, right) => relate(left, right, (order) => order <= 0),
  '>': (left, right) => relate(left, right, (order) => order > 0),
  '>=': (left, right) => relate(left, right, (order) => order >= 0),
  and,
  or,
  ...Object.fromEntries(
    Object.entries(stringMatches).map(([name, match]) => [
      name,
      (left: Value, right: Value) => match(toText(left), toText(right)),
    ]),
  ),
};
