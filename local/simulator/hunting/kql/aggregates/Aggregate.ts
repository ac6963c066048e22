import { NotSimulatedError } from '../NotSimulatedError.ts';
import { add, divide } from '../scalar/arithmetic.ts';
import { compare } from '../scalar/comparison.ts';
import { distinct } from '../functions/dynamicFunctions.ts';
import { toLong, toReal } from '../values/convert.ts';
import { DateTime, isArray, isBag, keyOf, TimeSpan, type Value } from '../values/Value.ts';

/** An aggregate over the values that its first argument has in a group; the others are constants. */
export type Aggregate = (values: readonly Value[], constants: readonly Value[]) => Value;

const mostElements = 1_048_576;

/**
 * Aggregates of one value. Null is ignored, except by `count()`, which has no argument.
 *
 * Source: https://learn.microsoft.com/kusto/query/aggregation-functions
 */
export const aggregates: Readonly<Record<string, Aggregate>> = {
  countif: (values) => BigInt(values.filter((value) => value === true).length),
  dcount: countDistinct,
  count_distinct: countDistinct,
  sum: (values) => withoutNull(values).reduce<Value>((sum, value) => addToSum(sum, value), 0n),
  avg: average,
  min: (values) => findExtreme(values, -1),
  max: (values) => findExtreme(values, 1),
  make_list: (values, [most = null]) => {
    const listed = withoutNull(values).slice(0, readSize(most));
    // Whether the elements are put side by side or within each other is not documented.
    if (listed.some(isArray)) throw new NotSimulatedError('make_list() of arrays');
    return listed;
  },
  make_set: (values, [most = null]) =>
    distinct(withoutNull(values).flatMap((value) => (isArray(value) ? value : [value]))).slice(
      0,
      readSize(most),
    ),
  make_bag: (values) => {
    const merged = new Map<string, Value>();
    for (const bag of values.filter(isBag)) {
      for (const [key, value] of bag) {
        if (merged.has(key)) throw new NotSimulatedError('make_bag() of bags that have a key in common');
        merged.set(key, value);
      }
    }
    return merged;
  },
  percentile: (values, [percent = null]) => findPercentile(values, percent),
};

/** These ignore the rows for which their last argument is not true. */
export const conditionalAggregates: Readonly<Record<string, string>> = {
  dcountif: 'dcount',
  count_distinctif: 'count_distinct',
  sumif: 'sum',
  avgif: 'avg',
  minif: 'min',
  maxif: 'max',
  make_list_if: 'make_list',
  make_set_if: 'make_set',
};

/** Other names of the same aggregates. */
export const aggregateAliases: Readonly<Record<string, string>> = {
  makelist: 'make_list',
  makeset: 'make_set',
  any: 'take_any',
};

/** The nearest-rank percentile. Source: https://learn.microsoft.com/kusto/query/percentiles-aggregation-function */
export function findPercentile(values: readonly Value[], percent: Value): Value {
  const share = toReal(percent);
  const sorted = withoutNull(values).toSorted(compare);
  if (share === null || sorted.length === 0) return null;
  const rank = Math.ceil((share / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? null;
}

function withoutNull(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => value !== null);
}

function countDistinct(values: readonly Value[]): bigint {
  return BigInt(new Set(withoutNull(values).map(keyOf)).size);
}

/** The sum starts as the whole number 0, whatever is added. */
function addToSum(sum: Value, value: Value): Value {
  return sum === 0n && value instanceof TimeSpan ? value : add(sum, value);
}

/** Of whole numbers it is a real; of times it is a time. */
function average(values: readonly Value[]): Value {
  const present = withoutNull(values);
  const [first] = present;
  if (first === undefined) return null;
  if (first instanceof DateTime) {
    const sum = present.reduce<bigint>(
      (total, value) => total + (value instanceof DateTime ? value.ticks : 0n),
      0n,
    );
    return new DateTime(sum / BigInt(present.length));
  }
  const sum = present.reduce<Value>((total, value) => addToSum(total, value), 0n);
  return sum instanceof TimeSpan ? divide(sum, BigInt(present.length)) : divide(toReal(sum), present.length);
}

function findExtreme(values: readonly Value[], sign: 1 | -1): Value {
  let best: Value = null;
  for (const value of values) {
    if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
  }
  return best;
}

function readSize(most: Value): number {
  return Math.min(mostElements, Number(toLong(most) ?? BigInt(mostElements)));
}
