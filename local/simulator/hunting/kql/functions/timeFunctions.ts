import { ticksPerMillisecond, ticksPerSecond } from '../../../clock/ticks.ts';
import { toLong, toReal, toText } from '../values/convert.ts';
import { floorTicks, ticksPerDay, toUtc } from '../values/timeText.ts';
import { DateTime, TimeSpan, type Value } from '../values/Value.ts';
import { addPeriods, diffPeriods } from './periods.ts';
import { formatDateTimeAs } from './formatDateTime.ts';
import { unfit, type FunctionCall, type ScalarFunction } from './ScalarFunction.ts';

type Start = (date: Date) => readonly [year: number, month: number, day: number];

const starts: Readonly<Record<string, { readonly period: string; readonly start: Start }>> = {
  day: { period: 'day', start: (date) => [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()] },
  // A week begins on Sunday.
  week: {
    period: 'week',
    start: (date) => [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - date.getUTCDay()],
  },
  month: { period: 'month', start: (date) => [date.getUTCFullYear(), date.getUTCMonth(), 1] },
  year: { period: 'year', start: (date) => [date.getUTCFullYear(), 0, 1] },
};

/** Functions on time. Source: https://learn.microsoft.com/kusto/query/scalar-functions#datetimetimespan-functions */
export const timeFunctions: Readonly<Record<string, ScalarFunction>> = {
  now: ([offset], { nowTicks }) =>
    offset === undefined
      ? new DateTime(nowTicks)
      : offset instanceof TimeSpan
        ? new DateTime(nowTicks + offset.ticks)
        : null,
  ago: ([length = null], { nowTicks }) =>
    length instanceof TimeSpan ? new DateTime(nowTicks - length.ticks) : null,
  ...Object.fromEntries(
    Object.entries(starts).flatMap(([name, { period, start }]): [string, ScalarFunction][] => [
      [`startof${name}`, (parameters, call) => startOf(parameters, call, start, period, 0n)],
      [
        `endof${name}`,
        (parameters, call) => {
          const next = startOf(parameters, call, start, period, 1n);
          return next === null ? null : new DateTime(next.ticks - 1n);
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({
      hourofday: (date: Date) => date.getUTCHours(),
      dayofmonth: (date: Date) => date.getUTCDate(),
      monthofyear: (date: Date) => date.getUTCMonth() + 1,
      getmonth: (date: Date) => date.getUTCMonth() + 1,
      getyear: (date: Date) => date.getUTCFullYear(),
    }).map(([name, read]) => [name, onDate((date) => BigInt(read(date)))]),
  ),
  dayofweek: onDate((date) => new TimeSpan(BigInt(date.getUTCDay()) * ticksPerDay)),
  dayofyear: onDate((date) => {
    const dayMs = date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1);
    return BigInt(Math.floor(dayMs / 86_400_000)) + 1n;
  }),
  datetime_add: ([period = null, amount = null, instant = null], call) => {
    const count = toLong(amount);
    return instant === null || count === null
      ? null
      : addPeriods(toText(period), count, getInstant(instant, call), call);
  },
  datetime_diff: ([period = null, left = null, right = null], call) =>
    left === null || right === null
      ? null
      : diffPeriods(toText(period), getInstant(left, call), getInstant(right, call), call),
  format_datetime: ([instant = null, format = null], call) =>
    instant === null ? '' : formatDateTimeAs(getInstant(instant, call), toText(format)),
  make_datetime: (parts) => {
    const [year, month, day, hour = 0n, minute = 0n, second = 0n] = parts;
    const whole = [year, month, day, hour, minute].map((part) => toLong(part ?? null));
    const seconds = toReal(second);
    if (whole.includes(null) || seconds === null) return null;
    const start = toUtc([...whole.map(Number), Math.floor(seconds)]);
    if (start === undefined) return null;
    const fraction = BigInt(Math.round((seconds % 1) * Number(ticksPerSecond)));
    return new DateTime(BigInt(start) * ticksPerMillisecond + fraction);
  },
  unixtime_seconds_todatetime: ([value = null]) => fromUnix(value, ticksPerSecond),
  unixtime_milliseconds_todatetime: ([value = null]) => fromUnix(value, ticksPerMillisecond),
};

function fromUnix(value: Value, size: bigint): Value {
  if (typeof value === 'bigint') return new DateTime(value * size);
  return typeof value === 'number' ? new DateTime(BigInt(Math.round(value * Number(size)))) : null;
}

function getInstant(value: Value, call: FunctionCall): DateTime {
  if (value instanceof DateTime) return value;
  throw unfit(call, value);
}

function onDate(read: (date: Date) => Value): ScalarFunction {
  return ([instant = null], call) => (instant === null ? null : read(toDate(getInstant(instant, call))));
}

function toDate({ ticks }: DateTime): Date {
  return new Date(Number(floorTicks(ticks, ticksPerMillisecond, false) / ticksPerMillisecond));
}

function startOf(
  [instant = null, offset = 0n]: readonly Value[],
  call: FunctionCall,
  start: Start,
  period: string,
  later: bigint,
): DateTime | null {
  const count = toLong(offset);
  if (instant === null || count === null) return null;
  const [year, month, day] = start(toDate(getInstant(instant, call)));
  const first = new DateTime(BigInt(Date.UTC(year, month, day)) * ticksPerMillisecond);
  return addPeriods(period, count + later, first, call);
}
