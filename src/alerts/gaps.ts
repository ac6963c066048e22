import { MAX_STRING_PROPERTY_LENGTH } from '../storage/limits.ts';
import type { Gap } from './Checkpoint.ts';
import { TICKS_PER_MS } from './ticks.ts';
import { halve, subtract, type TimeWindow } from './TimeWindow.ts';

/** A gap this narrow is not halved any more. Defender's update times are hardly finer. */
const NARROWEST_GAP = TICKS_PER_MS;
/** Characters that one gap takes in the row, at most. */
const GAP_TEXT_LENGTH = 210;
/** One property of the row must hold them all. */
const MAX_GAPS = Math.floor(MAX_STRING_PROPERTY_LENGTH / GAP_TEXT_LENGTH);
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 60 * 60_000;

/** Sets a window aside, to be tried at once. */
export function openGap(gaps: readonly Gap[], window: TimeWindow, now: number): Gap[] {
  const left = gaps.flatMap((gap) => subtract(gap, [window]).map((part) => ({ ...gap, ...part })));
  return merge([...left, { ...window, since: now, attempts: 0, nextTryAt: now }]);
}

/** Puts these parts in the place of a gap; none closes it. They are as old as the gap and are tried at once. */
export function replaceGap(gaps: readonly Gap[], gap: Gap, parts: readonly TimeWindow[]): Gap[] {
  const rest = gaps.filter((other) => other.from !== gap.from);
  return merge([...rest, ...parts.map((part) => ({ ...gap, ...part, attempts: 0 }))]);
}

/** Notes a failed try at a gap; tries get rarer, up to one an hour. */
export function postponeGap(gaps: readonly Gap[], gap: Gap, now: number): Gap[] {
  const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(gap.attempts, 10));
  const postponed = { ...gap, attempts: gap.attempts + 1, nextTryAt: now + waitMs };
  return gaps.map((other) => (other.from === gap.from ? postponed : other));
}

/** The gap to try next: the widest that is due, so that what fails is narrowed down evenly. */
export function nextGap(gaps: readonly Gap[], now: number): Gap | undefined {
  const due = gaps.filter((gap) => gap.nextTryAt <= now);
  return due.reduce<Gap | undefined>((widest, gap) => {
    return widest === undefined || gap.to - gap.from > widest.to - widest.from ? gap : widest;
  }, undefined);
}

/** Two halves of a gap, or undefined when it is as narrow as gaps get. */
export function narrowGap(gap: TimeWindow): [TimeWindow, TimeWindow] | undefined {
  return gap.to - gap.from > NARROWEST_GAP ? halve(gap) : undefined;
}

/** Sorted; when there are too many for one row, the two that lie closest become one, so that nothing is forgotten. */
function merge(gaps: readonly Gap[]): Gap[] {
  const sorted = [...gaps].sort((a, b) => (a.from < b.from ? -1 : 1));
  while (sorted.length > MAX_GAPS) {
    const distances = sorted.slice(1).map((gap, index) => gap.from - (sorted[index]?.to ?? 0n));
    const closest = distances.reduce((best, distance, index) => {
      return distance < (distances[best] ?? distance + 1n) ? index : best;
    }, 0);
    const [first, second] = sorted.slice(closest, closest + 2);
    if (!first || !second) break;
    const joined = {
      ...first,
      to: second.to,
      since: Math.min(first.since, second.since),
      nextTryAt: Math.max(first.nextTryAt, second.nextTryAt),
    };
    sorted.splice(closest, 2, joined);
  }
  return sorted;
}
