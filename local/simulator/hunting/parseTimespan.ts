import { findTicks, ticksPerMillisecond, ticksPerSecond } from '../clock/ticks.ts';
import type { TimeWindow } from './tables/HuntingData.ts';

const durationPattern =
  /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

interface Duration {
  readonly months: number;
  readonly ticks: bigint;
}

/**
 * The window that the `Timespan` of a hunting query means; undefined when the text means none.
 *
 * ISO 8601 in each documented form: start/end, duration/end, start/duration, a duration back from now, a start.
 * Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery#timespan-format-examples
 */
export function parseTimespan(text: string, nowTicks: bigint): TimeWindow | undefined {
  const [first = '', second, ...others] = text.trim().split('/');
  if (others.length > 0) return undefined;
  const duration = parseDuration(first);
  const start = findInstant(first);
  if (second === undefined) {
    if (duration !== undefined) return { from: move(nowTicks, duration, -1) };
    return start === undefined ? undefined : { from: start };
  }
  const end = findInstant(second);
  if (end !== undefined) {
    const from = start ?? (duration === undefined ? undefined : move(end, duration, -1));
    return from === undefined ? undefined : { from, to: end };
  }
  const length = parseDuration(second);
  return start === undefined || length === undefined
    ? undefined
    : { from: start, to: move(start, length, 1) };
}

/** A date alone is its beginning. */
function findInstant(text: string): bigint | undefined {
  return findTicks(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
}

function parseDuration(text: string): Duration | undefined {
  const match = durationPattern.exec(text);
  if (match === null) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const whole = ((weeks * 7 + days) * 24 + hours) * 60 + minutes;
  const ticks = BigInt(whole) * 60n * ticksPerSecond + BigInt(Math.round(seconds * Number(ticksPerSecond)));
  return { months: years * 12 + months, ticks };
}

function move(ticks: bigint, { months, ticks: length }: Duration, sign: 1 | -1): bigint {
  const moved = ticks + BigInt(sign) * length;
  if (months === 0) return moved;
  const date = new Date(Number(moved / ticksPerMillisecond));
  date.setUTCMonth(date.getUTCMonth() + sign * months);
  return BigInt(date.getTime()) * ticksPerMillisecond;
}
