import { ticksPerMillisecond, ticksPerSecond } from '../../../clock/ticks.ts';
import { floorTicks, fractionOf, ticksPerDay } from '../values/timeText.ts';
import { DateTime } from '../values/Value.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import type { FunctionCall } from './ScalarFunction.ts';

/** Periods of a fixed length, in ticks. */
const fixed: Readonly<Record<string, bigint>> = {
  week: 7n * ticksPerDay,
  day: ticksPerDay,
  hour: 3600n * ticksPerSecond,
  minute: 60n * ticksPerSecond,
  second: ticksPerSecond,
  millisecond: ticksPerMillisecond,
  microsecond: 10n,
};

/** Periods of some months. */
const calendar: Readonly<Record<string, number>> = { year: 12, quarter: 3, month: 1 };

/** The instant so many periods later. Source: https://learn.microsoft.com/kusto/query/datetime-add-function */
export function addPeriods(period: string, count: bigint, { ticks }: DateTime, call: FunctionCall): DateTime {
  const name = period.toLowerCase();
  const size = fixed[name];
  if (size !== undefined) return new DateTime(ticks + count * size);
  if (name === 'nanosecond') return new DateTime(ticks + count / 100n);
  const months = calendar[name];
  if (months === undefined) throw new NotSimulatedError(`the period '${period}' in '${call.text}'`);
  const start = floorTicks(ticks, ticksPerDay, true);
  const date = new Date(Number(start / ticksPerMillisecond));
  const target = date.getUTCMonth() + Number(count) * months;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), target + 1, 0)).getUTCDate();
  // 31 January and a month is the last day of February, as .NET has it.
  const moved = Date.UTC(date.getUTCFullYear(), target, Math.min(date.getUTCDate(), lastDay));
  return new DateTime(BigInt(moved) * ticksPerMillisecond + (ticks - start));
}

/**
 * How many boundaries of the period lie between the two instants: an hour apart can be a day, when midnight is between.
 *
 * Source: https://learn.microsoft.com/kusto/query/datetime-diff-function
 */
export function diffPeriods(period: string, left: DateTime, right: DateTime, call: FunctionCall): bigint {
  const name = period.toLowerCase();
  if (name === 'nanosecond') return (left.ticks - right.ticks) * 100n;
  const months = calendar[name];
  if (months !== undefined) {
    return BigInt(Math.floor(monthOf(left) / months) - Math.floor(monthOf(right) / months));
  }
  const size = fixed[name];
  if (size === undefined) throw new NotSimulatedError(`the period '${period}' in '${call.text}'`);
  // A week begins on Sunday; 1970-01-04 was one.
  const origin = name === 'week' ? 3n * ticksPerDay : 0n;
  return (
    (floorTicks(left.ticks - origin, size, false) - floorTicks(right.ticks - origin, size, false)) / size
  );
}

function monthOf({ ticks }: DateTime): number {
  const date = new Date(Number((ticks - fractionOf(ticks)) / ticksPerMillisecond));
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
