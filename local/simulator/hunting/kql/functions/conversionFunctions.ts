import { and, not } from '../scalar/comparison.ts';
import {
  toBool,
  toDateTime,
  toDynamic,
  toInt,
  toLong,
  toReal,
  toText,
  toTimeSpan,
} from '../values/convert.ts';
import type { Value } from '../values/Value.ts';
import { unfit, type ScalarFunction } from './ScalarFunction.ts';

const isEmpty = (value: Value): boolean => value === null || value === '';

/**
 * Conversions, questions about null, and choices. A choice evaluates all its branches, which nobody can see.
 *
 * Sources: https://learn.microsoft.com/kusto/query/scalar-functions#conversion-functions
 * https://learn.microsoft.com/kusto/query/scalar-functions#conditional-functions
 */
export const conversionFunctions: Readonly<Record<string, ScalarFunction>> = {
  ...Object.fromEntries(
    (
      [
        [toText, 'tostring'],
        [toInt, 'toint'],
        [toLong, 'tolong'],
        [toReal, 'toreal', 'todouble'],
        [toBool, 'tobool', 'toboolean'],
        [toDateTime, 'todatetime'],
        [toTimeSpan, 'totimespan', 'totime'],
        [toDynamic, 'parse_json', 'parsejson', 'todynamic', 'toobject'],
      ] as const
    ).flatMap(([convert, ...names]) =>
      names.map((name) => [name, ([value = null]: readonly Value[]) => convert(value)]),
    ),
  ),
  isempty: ([value = null]) => isEmpty(value),
  isnotempty: ([value = null]) => !isEmpty(value),
  notempty: ([value = null]) => !isEmpty(value),
  isnull: ([value = null]) => value === null,
  isnotnull: ([value = null]) => value !== null,
  notnull: ([value = null]) => value !== null,
  not: ([value = null], call) => {
    if (value !== null && typeof value !== 'boolean') throw unfit(call, value);
    return not(and(value, true));
  },
  coalesce: (values) => values.find((value) => !isEmpty(value)) ?? values.at(-1) ?? null,
  iff: choose,
  iif: choose,
  case: (values) => {
    const rest = values.length % 2 === 1 ? values.slice(0, -1) : values;
    for (let index = 0; index < rest.length; index += 2) {
      if (rest[index] === true) return rest[index + 1] ?? null;
    }
    return values.at(-1) ?? null;
  },
};

function choose([condition = null, whenTrue = null, otherwise = null]: readonly Value[]): Value {
  return condition === true ? whenTrue : otherwise;
}
