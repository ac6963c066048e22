/** How many calls are allowed, and how the wait is told. */
export interface QuotaLimits {
  readonly perMinute: number;
  readonly perHour: number;
  readonly retryAfterAs: 'seconds' | 'date';
}

/** A call over the quota. */
export interface QuotaExcess {
  readonly allowed: number;
  /** As the service writes it. */
  readonly period: string;
  readonly retryAfterMs: number;
}

/** Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts#limitations */
export const documentedLimits: QuotaLimits = { perMinute: 100, perHour: 1500, retryAfterAs: 'seconds' };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Counts calls per caller over sliding windows. Refused calls do not count. */
export class CallQuota {
  limits = documentedLimits;
  readonly #calls = new Map<string, number[]>();

  /** Counts a call of this caller, unless it is over the quota. */
  take(caller: string, nowMs: number): QuotaExcess | undefined {
    const calls = (this.#calls.get(caller) ?? []).filter((at) => at > nowMs - hourMs && at <= nowMs);
    this.#calls.set(caller, calls);
    const excess =
      findExcess(calls, nowMs, hourMs, this.limits.perHour, '01:00:00') ??
      findExcess(calls, nowMs, minuteMs, this.limits.perMinute, '00:01:00');
    if (excess === undefined) calls.push(nowMs);
    return excess;
  }

  /** Forgets all calls. */
  clear(): void {
    this.#calls.clear();
  }
}

function findExcess(
  calls: readonly number[],
  nowMs: number,
  lengthMs: number,
  allowed: number,
  period: string,
): QuotaExcess | undefined {
  const inWindow = calls.filter((at) => at > nowMs - lengthMs);
  if (inWindow.length < allowed) return undefined;
  // The call that must leave the window before one more fits.
  const leaving = inWindow[inWindow.length - allowed] ?? nowMs;
  return { allowed, period, retryAfterMs: leaving + lengthMs - nowMs };
}
