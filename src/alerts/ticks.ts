/**
 * An instant in 100 ns steps since 0001-01-01T00:00:00Z, as .NET counts them.
 *
 * Defender's timestamps carry 0 to 7 fractional digits with trailing zeros trimmed, which neither a `Date`
 * (milliseconds) nor a comparison of texts can order.
 */
export type Ticks = bigint;

export const TICKS_PER_MS = 10_000n;
export const TICKS_PER_SECOND = 10_000_000n;

const UNIX_EPOCH = 621_355_968_000_000_000n;
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?\s*([Zz]|[+-]\d{2}:?\d{2})?$/;

/**
 * The instant that an ISO 8601 timestamp names, or undefined when it names none.
 * Digits beyond the seventh are cut; a timestamp without a zone is UTC, as every Defender timestamp is.
 */
export function parseTicks(text: string): Ticks | undefined {
  const match = TIMESTAMP.exec(text.trim());
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  // `setUTCFullYear` takes the years 0 to 99 as they are; the Date constructor would move them to 1900.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isRealDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isRealDate || hour > 23 || minute > 59 || second > 59) return undefined;

  const fraction = BigInt((match[7] ?? '').slice(0, 7).padEnd(7, '0'));
  const offset = parseOffsetMinutes(match[8]);
  if (offset === undefined) return undefined;
  const ticks = fromUnixMs(date.getTime() - offset * 60_000) + fraction;
  return ticks >= 0n ? ticks : undefined;
}

/** UTC ISO 8601 text with all seven fractional digits: texts of this form sort as the instants do. */
export function formatTicks(ticks: Ticks): string {
  const seconds = new Date(toUnixMs(ticks)).toISOString().slice(0, 19);
  return `${seconds}.${(ticks % TICKS_PER_SECOND).toString().padStart(7, '0')}Z`;
}

export function fromUnixMs(ms: number): Ticks {
  return UNIX_EPOCH + BigInt(Math.trunc(ms)) * TICKS_PER_MS;
}

/** Milliseconds since the Unix epoch, rounded down. */
export function toUnixMs(ticks: Ticks): number {
  const sinceEpoch = ticks - UNIX_EPOCH;
  const floor = sinceEpoch < 0n && sinceEpoch % TICKS_PER_MS !== 0n ? 1n : 0n;
  return Number(sinceEpoch / TICKS_PER_MS - floor);
}

/** The ticks of a duration in milliseconds. */
export function toTicks(ms: number): Ticks {
  return BigInt(Math.trunc(ms)) * TICKS_PER_MS;
}

export function latest(a: Ticks, b: Ticks): Ticks {
  return a > b ? a : b;
}

function parseOffsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
