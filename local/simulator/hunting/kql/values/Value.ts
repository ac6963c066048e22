import { dotNetEpochOffset, ticksPerSecond } from '../../../clock/ticks.ts';

const firstTicks = -dotNetEpochOffset;
const lastTicks = 253_402_300_800n * ticksPerSecond - 1n;

/** An instant in the years 1 to 9999, in ticks of 100 ns since 1970-01-01T00:00:00Z. */
export class DateTime {
  readonly ticks: bigint;

  /** Throws a RangeError outside of these years. */
  constructor(ticks: bigint) {
    if (ticks < firstTicks || ticks > lastTicks) throw new RangeError('an instant after 9999 or before 1');
    this.ticks = ticks;
  }
}

/** A length of time, in ticks of 100 ns. */
export class TimeSpan {
  readonly ticks: bigint;

  constructor(ticks: bigint) {
    this.ticks = ticks;
  }
}

/** A dynamic property bag. */
export type Bag = ReadonlyMap<string, Value>;

/**
 * A value, whose type shows at run time: `bigint` is an int or long, `number` is a real; arrays and bags are dynamic.
 *
 * null is the null value of every type but string, which has none. A dynamic value may be any of these.
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic
 */
export type Value = null | boolean | bigint | number | string | DateTime | TimeSpan | Bag | readonly Value[];

/** True for a dynamic array. */
export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** True for a dynamic bag. */
export function isBag(value: Value): value is Bag {
  return value instanceof Map;
}

/** The name of the type of a value. */
export function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'long';
  if (typeof value === 'number') return 'real';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof DateTime) return 'datetime';
  if (value instanceof TimeSpan) return 'timespan';
  return isArray(value) ? 'array' : isBag(value) ? 'dictionary' : 'string';
}

/** Equal for values that are the same for grouping, sets and joins: 5 and 5.0 are, null and '' are not. */
export function keyOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  if (typeof value === 'boolean') return `b${value}`;
  if (value instanceof DateTime) return `d${value.ticks}`;
  if (value instanceof TimeSpan) return `t${value.ticks}`;
  if (isArray(value)) return `a${JSON.stringify(value.map(keyOf))}`;
  const slots = [...value].map(([key, one]) => [key, keyOf(one)] as const);
  return `o${JSON.stringify(slots.toSorted(([left], [right]) => (left < right ? -1 : 1)))}`;
}

/** The key of several values together. */
export function keyOfAll(values: readonly Value[]): string {
  return values.length === 1 ? keyOf(values[0] ?? null) : JSON.stringify(values.map(keyOf));
}
