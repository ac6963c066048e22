import { fromUnixMs, latest, type Ticks } from '../alerts/ticks.ts';

/** Updates from one instant on, that one included, up to another one, that one not; or up to now and beyond. */
export interface TimeRange {
  readonly from: Ticks;
  readonly to: Ticks | undefined;
}

/**
 * Where to cut a range of which only some records are known, so that its newer part holds fewer; undefined when it cannot
 * be cut.
 *
 * The order in which services list is not documented reliably. When what was read came newest first, its oldest record is
 * the place: the newer part is known to hold about as many as were read. Otherwise the middle of what was read is tried,
 * or the middle of the range when that is newer.
 *
 * @param times of the records read, in the order in which they came.
 * @param now milliseconds since the Unix epoch.
 */
export function findCut({ from, to }: TimeRange, times: readonly Ticks[], now: number): Ticks | undefined {
  const end = to ?? times.reduce(latest, fromUnixMs(now)) + 1n;
  if (end - from <= 1n) return undefined;
  const middle = from + (end - from) / 2n;
  // A service that ignores the filter must not move the cut out of the range.
  const inside = times.filter((time) => time >= from && time < end);
  const last = inside.at(-1);
  if (last === undefined) return middle;
  const isNewestFirst = inside.every((time, index) => index === 0 || time <= (inside[index - 1] ?? time));
  if (isNewestFirst && last > from) return last;
  const median = [...inside].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[inside.length >> 1] ?? middle;
  // More than half of them at the very beginning: that instant is set apart.
  return median > from ? latest(median, middle) : from + 1n;
}
