import { formatTicks, type Ticks } from './ticks.ts';

/** The instants from `from` (inclusive) to `to` (exclusive). Never empty. */
export interface TimeWindow {
  readonly from: Ticks;
  readonly to: Ticks;
}

/** Two windows that together cover exactly `window`, which must be wider than a single tick. */
export function halve(window: TimeWindow): [TimeWindow, TimeWindow] {
  const middle = window.from + (window.to - window.from) / 2n;
  return [
    { from: window.from, to: middle },
    { from: middle, to: window.to },
  ];
}

/** The windows that together cover exactly `window`, with the tick `at` in a window of its own. */
export function isolateTick(window: TimeWindow, at: Ticks): TimeWindow[] {
  const parts = [
    { from: window.from, to: at },
    { from: at, to: at + 1n },
    { from: at + 1n, to: window.to },
  ];
  return parts.filter(({ from, to }) => from < to);
}

/** What is left of `window` without `holes`, oldest first. */
export function subtract(window: TimeWindow, holes: readonly TimeWindow[]): TimeWindow[] {
  const left: TimeWindow[] = [];
  let from = window.from;
  for (const hole of [...holes].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const to = hole.from < window.to ? hole.from : window.to;
    if (from < to) left.push({ from, to });
    if (hole.to > from) from = hole.to;
  }
  if (from < window.to) left.push({ from, to: window.to });
  return left;
}

export function isSingleTick({ from, to }: TimeWindow): boolean {
  return to - from === 1n;
}

/** `from/to`, the ISO 8601 form of an interval. */
export function formatWindow({ from, to }: TimeWindow): string {
  return `${formatTicks(from)}/${formatTicks(to)}`;
}
