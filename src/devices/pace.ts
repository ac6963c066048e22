const MINUTE_MS = 60_000;

/** An action that was just asked for may take this long to show up in lists. */
export const SHOWN_WITHIN_MS = 10_000;

/** How long to wait between two looks for it. */
export const LOOK_AGAIN_MS = 2_000;

/**
 * How long to wait before looking again, by the age of an operation: an isolation takes seconds on a device that is
 * online, and up to three days on one that is not.
 */
export function checkDelayMs(ageMs: number, pollIntervalMs: number): number {
  if (ageMs < 2 * MINUTE_MS) return pollIntervalMs;
  if (ageMs < 15 * MINUTE_MS) return Math.max(pollIntervalMs, Math.min(3 * pollIntervalMs, MINUTE_MS));
  if (ageMs < 120 * MINUTE_MS) return Math.max(pollIntervalMs, Math.min(6 * pollIntervalMs, 2 * MINUTE_MS));
  return Math.max(pollIntervalMs, Math.min(30 * pollIntervalMs, 5 * MINUTE_MS));
}
