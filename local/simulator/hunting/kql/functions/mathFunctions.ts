import { compare } from '../scalar/comparison.ts';
import { toLong, toReal } from '../values/convert.ts';
import { floorTicks } from '../values/timeText.ts';
import { DateTime, TimeSpan, type Value } from '../values/Value.ts';
import { ofValue, unfit, type FunctionCall, type ScalarFunction } from './ScalarFunction.ts';

/** Functions on numbers, and `bin()`. Source: https://learn.microsoft.com/kusto/query/bin-function */
export const mathFunctions: Readonly<Record<string, ScalarFunction>> = {
  bin,
  floor: bin,
  abs: ofValue((value, call) => {
    if (typeof value === 'bigint') return value < 0n ? -value : value;
    if (typeof value === 'number') return Math.abs(value);
    if (value instanceof TimeSpan) return new TimeSpan(value.ticks < 0n ? -value.ticks : value.ticks);
    throw unfit(call, value);
  }),
  ceiling: ofValue((value, call) => Math.ceil(getReal(value, call))),
  sqrt: ofValue((value, call) => Math.sqrt(getReal(value, call))),
  pow: ([base = null, exponent = null], call) =>
    base === null || exponent === null ? null : getReal(base, call) ** getReal(exponent, call),
  round: ([value = null, precision = 0n], call) => {
    if (value === null || precision === null) return null;
    const scale = 10 ** Number(toLong(precision) ?? 0n);
    return Math.round(getReal(value, call) * scale) / scale;
  },
  min_of: (values) => pickExtreme(values, -1),
  max_of: (values) => pickExtreme(values, 1),
};

function getReal(value: Value, call: FunctionCall): number {
  const real = typeof value === 'bigint' || typeof value === 'number' ? toReal(value) : null;
  if (real === null) throw unfit(call, value);
  return real;
}

/** Null arguments are passed over. */
function pickExtreme(values: readonly Value[], sign: 1 | -1): Value {
  let best: Value = null;
  for (const value of values) {
    if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
  }
  return best;
}

/** The largest multiple of the size that is not above the value; null for a null or negative size. */
function bin([value = null, size = 1n]: readonly Value[], call: FunctionCall): Value {
  if (value === null || size === null) return null;
  if (value instanceof DateTime || value instanceof TimeSpan) {
    const ticks = size instanceof TimeSpan ? size.ticks : null;
    if (ticks === null) throw unfit(call, size);
    if (ticks <= 0n) return null;
    const floor = floorTicks(value.ticks, ticks, value instanceof DateTime);
    return value instanceof DateTime ? new DateTime(floor) : new TimeSpan(floor);
  }
  if (typeof value === 'bigint' && typeof size === 'bigint') {
    return size <= 0n ? null : floorTicks(value, size, false);
  }
  const [number, step] = [getReal(value, call), getReal(size, call)];
  return step <= 0 ? null : Math.floor(number / step) * step;
}
