/**
 * Instants with the precision of the services: ticks of 100 ns since 1970-01-01T00:00:00Z, as `bigint`.
 *
 * A JavaScript `Date` keeps milliseconds only, which would merge timestamps that Defender keeps apart.
 */

/** Ticks in one millisecond. */
export const ticksPerMillisecond = 10_000n;

/** Ticks in one second. */
export const ticksPerSecond = 10_000_000n;

/** Ticks from 0001-01-01, where .NET starts to count, to 1970-01-01. Alert ids carry .NET ticks. */
export const dotNetEpochOffset = 621_355_968_000_000_000n;

const instantPattern =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * The ticks of an ISO 8601 instant with 0 to 7 fractional digits and a zone, or undefined when the text is none.
 *
 * Dates that do not exist (30 February) are refused, not rolled over.
 */
export function findTicks(text: string): bigint | undefined {
  const match = instantPattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '', sign, zoneHour, zoneMinute] = match;
  const plain = `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second}.000Z`;
  const milliseconds = Date.parse(plain);
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== plain) return undefined;
  const zoneMinutes = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0);
  if (zoneMinutes > 14 * 60) return undefined;
  const local = BigInt(milliseconds) * ticksPerMillisecond + BigInt(fraction.padEnd(7, '0'));
  const shift = BigInt(zoneMinutes) * 60n * ticksPerSecond;
  return sign === '-' ? local + shift : local - shift;
}

/** ISO 8601 in UTC with 0 to 7 fractional digits, trailing zeros trimmed as Defender trims them. */
export function toTimestamp(ticks: bigint): string {
  const fraction = ((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond;
  const seconds = new Date(Number((ticks - fraction) / ticksPerMillisecond)).toISOString().slice(0, 19);
  const digits = fraction.toString().padStart(7, '0').replace(/0+$/, '');
  return digits === '' ? `${seconds}Z` : `${seconds}.${digits}Z`;
}

/**
 * The latest instant at or before `ticks` that lies on a 1/300 s boundary.
 *
 * Observed values of `lastUpdateTime` end in .57, .0566667, .7733333: the steps of a SQL `datetime` column.
 */
export function toUpdateTime(ticks: bigint): bigint {
  return fromUpdateStep(findUpdateStep(ticks));
}

/** The first 1/300 s boundary after `ticks`. */
export function nextUpdateTime(ticks: bigint): bigint {
  return fromUpdateStep(findUpdateStep(ticks) + 1n);
}

/** The number of the last step at or before `ticks`. A step that was rounded down begins a fraction of a tick early. */
function findUpdateStep(ticks: bigint): bigint {
  const next = (ticks * 300n) / ticksPerSecond + 1n;
  return fromUpdateStep(next) <= ticks ? next : next - 1n;
}

function fromUpdateStep(step: bigint): bigint {
  return (step * ticksPerSecond * 2n + 300n) / 600n; // Rounded to the nearest tick, as the service's digits are.
}
