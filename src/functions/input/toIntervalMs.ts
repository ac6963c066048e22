import type { Timer } from '@azure/functions';

/** A pause of the app is no interval. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * How far the last two due moments are apart; undefined where the host does not keep them, or this is the first call:
 * it names the year 1 then. Schedules of less than a minute are not kept.
 * Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
 */
export function toIntervalMs({ scheduleStatus }: Partial<Timer>): number | undefined {
  const { last, next } = (scheduleStatus ?? {}) as { last?: string; next?: string };
  const ms = Date.parse(next ?? '') - Date.parse(last ?? '');
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}
