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

/** The APIs that are counted apart: the documentation gives each its own limits. Both alert calls share one. */
export const apiNames = [
  'alerts',
  'machines',
  'machine',
  'machineActions',
  'machineAction',
  'isolate',
  'unisolate',
  'cancel',
] as const;

/** One of `apiNames`. */
export type ApiName = (typeof apiNames)[number];

/** Documented alike for each of these APIs. Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts#limitations */
export const documentedLimits: QuotaLimits = { perMinute: 100, perHour: 1500, retryAfterAs: 'seconds' };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Counts calls per API and caller over sliding windows. Refused calls do not count. */
export class CallQuota {
  #common = documentedLimits;
  readonly #apart = new Map<ApiName, QuotaLimits>();
  readonly #calls = new Map<string, number[]>();

  /** What holds for this API; without one, for all that have no limits of their own. */
  limitsOf(api?: ApiName): QuotaLimits {
    return (api === undefined ? undefined : this.#apart.get(api)) ?? this.#common;
  }

  /** Limits one API, or all of them alike. Counted calls are forgotten. */
  setLimits(limits: QuotaLimits, api?: ApiName): void {
    if (api === undefined) {
      this.#common = limits;
      this.#apart.clear();
    } else {
      this.#apart.set(api, limits);
    }
    this.#calls.clear();
  }

  /** The limits of all APIs, and of those that have their own. */
  describe(): QuotaLimits & { readonly apis: Readonly<Partial<Record<ApiName, QuotaLimits>>> } {
    return { ...this.#common, apis: Object.fromEntries(this.#apart) };
  }

  /** Counts a call of this caller, unless it is over the quota. */
  take(api: ApiName, caller: string, nowMs: number): QuotaExcess | undefined {
    const key = `${api} ${caller}`;
    const calls = (this.#calls.get(key) ?? []).filter((at) => at > nowMs - hourMs && at <= nowMs);
    this.#calls.set(key, calls);
    const { perHour, perMinute } = this.limitsOf(api);
    const excess =
      findExcess(calls, nowMs, hourMs, perHour, '01:00:00') ??
      findExcess(calls, nowMs, minuteMs, perMinute, '00:01:00');
    if (excess === undefined) calls.push(nowMs);
    return excess;
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
