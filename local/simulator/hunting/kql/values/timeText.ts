import { dotNetEpochOffset, ticksPerMillisecond, ticksPerSecond, toTimestamp } from '../../../clock/ticks.ts';
import { DateTime, TimeSpan } from './Value.ts';

/** Ticks in a day. */
export const ticksPerDay = 86_400n * ticksPerSecond;

const isoPattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7})\d*)?)?)? ?(?:Z|GMT|UTC|([+-])(\d{2}):?(\d{2}))?$/i;
// Seen in Microsoft's examples of the parse operator, month first.
const slashPattern = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{1,2}):(\d{1,2}))?$/;
const monthNamePattern =
  /^(?:[a-z]+, )?\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]\d/i;

/**
 * The instant that a text means; undefined when it means none.
 *
 * Reads ISO 8601, sortable, RFC 822 and RFC 850 dates; a date without a zone is UTC.
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/datetime#supported-formats
 */
export function parseDateTime(text: string): DateTime | undefined {
  const trimmed = text.trim();
  const iso = isoPattern.exec(trimmed);
  if (iso !== null) return fromParts(iso);
  const [, month, day, year, ...time] = slashPattern.exec(trimmed) ?? [];
  if (year !== undefined) return fromParts(['', year, month, day, ...time]);
  if (!monthNamePattern.test(trimmed)) return undefined;
  const milliseconds = Date.parse(/(?:GMT|UTC|Z)$/.test(trimmed) ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(milliseconds) ? undefined : new DateTime(BigInt(milliseconds) * ticksPerMillisecond);
}

function fromParts(parts: readonly (string | undefined)[]): DateTime | undefined {
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    sign,
    zoneHour,
    zoneMinute,
  ] = parts;
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const plain = toUtc(numbers);
  if (plain === undefined) return undefined;
  const ticks = BigInt(plain) * ticksPerMillisecond + BigInt(fraction.padEnd(7, '0'));
  const zone = BigInt(Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * 60n * ticksPerSecond;
  return new DateTime(sign === '-' ? ticks + zone : ticks - zone);
}

/** Milliseconds since 1970 of year, month (from 1), day, hour, minute, second; undefined when there is no such instant. */
export function toUtc(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCHours(hour, minute, second, 0);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return isReal && year >= 1 && year <= 9999 ? date.getTime() : undefined;
}

/** As `tostring()` writes it: always seven fractional digits. */
export function formatDateTime({ ticks }: DateTime): string {
  const fraction = fractionOf(ticks).toString().padStart(7, '0');
  return `${toTimestamp(ticks - fractionOf(ticks)).slice(0, 19)}.${fraction}Z`;
}

/** The ticks since the last full second. */
export function fractionOf(ticks: bigint): bigint {
  return ((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond;
}

/** The largest multiple of `size` that is not above `ticks`; instants are counted from year 1. */
export function floorTicks(ticks: bigint, size: bigint, isInstant: boolean): bigint {
  const origin = isInstant ? dotNetEpochOffset : 0n;
  const counted = ticks + origin;
  const rest = ((counted % size) + size) % size;
  return counted - rest - origin;
}

const units: Readonly<Record<string, bigint>> = {
  d: ticksPerDay,
  day: ticksPerDay,
  days: ticksPerDay,
  h: 3600n * ticksPerSecond,
  hr: 3600n * ticksPerSecond,
  hrs: 3600n * ticksPerSecond,
  hour: 3600n * ticksPerSecond,
  hours: 3600n * ticksPerSecond,
  m: 60n * ticksPerSecond,
  min: 60n * ticksPerSecond,
  minute: 60n * ticksPerSecond,
  minutes: 60n * ticksPerSecond,
  s: ticksPerSecond,
  sec: ticksPerSecond,
  second: ticksPerSecond,
  seconds: ticksPerSecond,
  ms: ticksPerMillisecond,
  millisecond: ticksPerMillisecond,
  milliseconds: ticksPerMillisecond,
  milli: ticksPerMillisecond,
  millis: ticksPerMillisecond,
  micro: 10n,
  micros: 10n,
  microsecond: 10n,
  microseconds: 10n,
  tick: 1n,
  ticks: 1n,
};

const unitPattern = /^(-?\d+(?:\.\d+)?) ?([a-z]+)$/i;
const clockPattern = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/**
 * The length of time that a text means, `1.02:03:04.5`, `1.5h`, or a number of days; undefined when it means none.
 *
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/timespan
 */
export function parseTimeSpan(text: string): TimeSpan | undefined {
  const trimmed = text.trim();
  const [, amount, unit] = unitPattern.exec(trimmed) ?? [];
  const size = unit === undefined ? undefined : units[unit.toLowerCase()];
  if (amount !== undefined && size !== undefined) return multiply(size, amount);
  if (/^-?\d+$/.test(trimmed)) return multiply(ticksPerDay, trimmed);
  const clock = clockPattern.exec(trimmed);
  if (clock === null) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const ticks = whole * ticksPerSecond + BigInt(fraction.padEnd(7, '0'));
  return new TimeSpan(sign === undefined ? ticks : -ticks);
}

function multiply(size: bigint, amount: string): TimeSpan {
  if (/^-?\d+$/.test(amount)) return new TimeSpan(size * BigInt(amount));
  return new TimeSpan(BigInt(Math.round(Number(size) * Number(amount))));
}

/** As .NET writes it: `[-][d.]hh:mm:ss[.fffffff]`. */
export function formatTimeSpan({ ticks }: TimeSpan): string {
  const length = ticks < 0n ? -ticks : ticks;
  const seconds = length / ticksPerSecond;
  const two = (value: bigint): string => value.toString().padStart(2, '0');
  const days = length / ticksPerDay;
  const clock = [(seconds / 3600n) % 24n, (seconds / 60n) % 60n, seconds % 60n].map(two).join(':');
  const fraction = length % ticksPerSecond;
  return [
    ticks < 0n ? '-' : '',
    days === 0n ? '' : `${days}.`,
    clock,
    fraction === 0n ? '' : `.${fraction.toString().padStart(7, '0')}`,
  ].join('');
}
