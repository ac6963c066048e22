import { NotSimulatedError } from '../NotSimulatedError.ts';
import { DateTime, TimeSpan, typeOf, type Value } from '../values/Value.ts';

/*
 * Arithmetic as documented: a null operand gives null, two whole numbers a long, a real and anything a real.
 *
 * Sources: https://learn.microsoft.com/kusto/query/numerical-operators
 * https://learn.microsoft.com/kusto/query/datetime-timespan-arithmetic
 */

/** The sum. */
export function add(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (left instanceof DateTime && right instanceof TimeSpan) return new DateTime(left.ticks + right.ticks);
  if (left instanceof TimeSpan && right instanceof DateTime) return new DateTime(left.ticks + right.ticks);
  if (left instanceof TimeSpan && right instanceof TimeSpan) return new TimeSpan(left.ticks + right.ticks);
  return onNumbers(
    '+',
    left,
    right,
    (a, b) => a + b,
    (a, b) => a + b,
  );
}

/** The difference. */
export function subtract(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (left instanceof DateTime && right instanceof DateTime) return new TimeSpan(left.ticks - right.ticks);
  if (left instanceof DateTime && right instanceof TimeSpan) return new DateTime(left.ticks - right.ticks);
  if (left instanceof TimeSpan && right instanceof TimeSpan) return new TimeSpan(left.ticks - right.ticks);
  return onNumbers(
    '-',
    left,
    right,
    (a, b) => a - b,
    (a, b) => a - b,
  );
}

/** The product. */
export function multiply(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (left instanceof TimeSpan) return scale(left, right);
  if (right instanceof TimeSpan) return scale(right, left);
  return onNumbers(
    '*',
    left,
    right,
    (a, b) => a * b,
    (a, b) => a * b,
  );
}

function scale({ ticks }: TimeSpan, factor: Value): Value {
  if (typeof factor === 'bigint') return new TimeSpan(ticks * factor);
  if (typeof factor === 'number') return new TimeSpan(BigInt(Math.round(Number(ticks) * factor)));
  throw mismatch('*', factor);
}

/** The quotient; between whole numbers it is cut off to a whole number. */
export function divide(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (left instanceof TimeSpan && right instanceof TimeSpan) return Number(left.ticks) / Number(right.ticks);
  if (left instanceof TimeSpan && (typeof right === 'bigint' || typeof right === 'number')) {
    return new TimeSpan(BigInt(Math.round(Number(left.ticks) / Number(right))));
  }
  return onNumbers(
    '/',
    left,
    right,
    (a, b) => {
      verifyDivisor(b);
      return a / b;
    },
    (a, b) => a / b,
  );
}

/** The rest of a division: never negative. */
export function modulo(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  return onNumbers(
    '%',
    left,
    right,
    (a, b) => {
      verifyDivisor(b);
      const size = b < 0n ? -b : b;
      return ((a % size) + size) % size;
    },
    (a, b) => ((a % Math.abs(b)) + Math.abs(b)) % Math.abs(b),
  );
}

/** The value with the other sign. */
export function negate(value: Value): Value {
  if (value === null) return null;
  if (typeof value === 'bigint' || typeof value === 'number') return -value;
  if (value instanceof TimeSpan) return new TimeSpan(-value.ticks);
  throw mismatch('-', value);
}

function onNumbers(
  operator: string,
  left: Value,
  right: Value,
  onLongs: (left: bigint, right: bigint) => bigint,
  onReals: (left: number, right: number) => number,
): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return BigInt.asIntN(64, onLongs(left, right));
  for (const value of [left, right]) {
    if (typeof value !== 'bigint' && typeof value !== 'number') throw mismatch(operator, value);
  }
  return onReals(Number(left), Number(right));
}

function verifyDivisor(divisor: bigint): void {
  // What Kusto answers is not documented.
  if (divisor === 0n) throw new NotSimulatedError('the division of a whole number by zero');
}

function mismatch(operator: string, value: Value): NotSimulatedError {
  return new NotSimulatedError(`the operator ${operator} on a value of type ${typeOf(value)}; cast it first`);
}
