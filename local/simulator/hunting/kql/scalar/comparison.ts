import { NotSimulatedError } from '../NotSimulatedError.ts';
import { DateTime, TimeSpan, typeOf, type Value } from '../values/Value.ts';

/**
 * Negative when `left` comes first, 0 when they are equal; neither may be null.
 *
 * Strings are compared by code unit. Throws NotSimulatedError when the types differ, as they can in dynamic values.
 */
export function compare(left: Value, right: Value): number {
  const [a, b] = [toComparable(left), toComparable(right)];
  const isPossible = typeof a === typeof b ? classOf(left) === classOf(right) : isNumber(a) && isNumber(b);
  if (a === undefined || b === undefined || !isPossible) {
    throw new NotSimulatedError(
      `comparing a ${typeOf(left)} with a ${typeOf(right)}; cast one of them first`,
    );
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

type Comparable = bigint | number | string | boolean;

function toComparable(value: Value): Comparable | undefined {
  if (value instanceof DateTime || value instanceof TimeSpan) return value.ticks;
  return value === null || typeof value === 'object' ? undefined : value;
}

/** Keeps ticks apart from numbers. */
function classOf(value: Value): string {
  return value instanceof DateTime || value instanceof TimeSpan ? typeOf(value) : 'plain';
}

function isNumber(value: Comparable | undefined): boolean {
  return typeof value === 'bigint' || typeof value === 'number';
}

/**
 * `==`: null when both are null, false when one is.
 *
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/null-values#equality-and-inequality-of-null-values
 */
export function equals(left: Value, right: Value): boolean | null {
  if (left === null && right === null) return null;
  if (left === null || right === null) return false;
  return compare(left, right) === 0;
}

/** The negation of a condition; of null it is null. */
export function not(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

/** `<` and its like: null when one side is null. */
export function relate(left: Value, right: Value, isFit: (order: number) => boolean): boolean | null {
  return left === null || right === null ? null : isFit(compare(left, right));
}

/** `and`: false wins over null. */
export function and(left: Value, right: Value): boolean | null {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : left === true && right === true;
}

/** `or`: true wins over null. */
export function or(left: Value, right: Value): boolean | null {
  if (left === true || right === true) return true;
  return left === null || right === null ? null : false;
}
