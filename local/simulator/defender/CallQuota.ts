/** How many calls are allowed, and how the wait is told. */
export interface QuotaLimits {
  readonly perMinute: number;
  /** Null: no limit. */
  readonly perHour: number | null;
  readonly retryAfterAs: 'seconds' | 'date';
}

/** A call over the quota. */
export interface QuotaExcess {
  readonly allowed: number;
  /** As the service writes it. */
  readonly period: string;
  readonly retryAfterMs: number;
}

/**
 * The APIs that are counted apart: the documentation gives each its own limits. Both alert calls of Defender for Endpoint
 * share one, and so do all alert and incident calls of Graph (`graphSecurity`).
 */
export const apiNames = [
  'alerts',
  'machines',
  'machine',
  'machineActions',
  'machineAction',
  'isolate',
  'unisolate',
  'cancel',
  'incidents',
  'incident',
  'graphSecurity',
] as const;

/** One of `apiNames`. */
export type ApiName = (typeof apiNames)[number];

/** Documented alike for most of these APIs. Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts#limitations */
const common: QuotaLimits = { perMinute: 100, perHour: 1500, retryAfterAs: 'seconds' };

/**
 * Source: https://learn.microsoft.com/defender-xdr/api-list-incidents#limitations (incidents),
 * https://learn.microsoft.com/graph/throttling-limits (Graph, which counts by the minute only)
 */
const documentedApart: Readonly<Partial<Record<ApiName, Partial<QuotaLimits>>>> = {
  incidents: { perMinute: 50 },
  graphSecurity: { perMinute: 150, perHour: null },
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Counts calls per API and caller over sliding windows. Refused calls do not count. */
export class CallQuota {
  readonly #limits = new Map<ApiName, QuotaLimits>();
  #common = common;
  readonly #calls = new Map<string, number[]>();

  constructor() {
    this.setLimits({});
  }

  /** What holds for this API; without one, for all that have no limits of their own. */
  limitsOf(api?: ApiName): QuotaLimits {
    return (api === undefined ? undefined : this.#limits.get(api)) ?? this.#common;
  }

  /** Limits one API, or all of them; what is not given returns to the documented. Counted calls are forgotten. */
  setLimits(given: Partial<QuotaLimits>, api?: ApiName): void {
    if (api === undefined) this.#common = { ...common, ...given };
    for (const name of api === undefined ? apiNames : [api]) {
      this.#limits.set(name, { ...common, ...documentedApart[name], ...given });
    }
    this.#calls.clear();
  }

  /** The limits of all APIs, and of those that have their own. */
  describe(): QuotaLimits & { readonly apis: Readonly<Partial<Record<ApiName, QuotaLimits>>> } {
    const own = [...this.#limits].filter(([, limits]) => !isSame(limits, this.#common));
    return { ...this.#common, apis: Object.fromEntries(own) };
  }

  /** Counts a call of this caller, unless it is over the quota. */
  take(api: ApiName, caller: string, nowMs: number): QuotaExcess | undefined {
    const key = `${api} ${caller}`;
    const calls = (this.#calls.get(key) ?? []).filter((at) => at > nowMs - hourMs && at <= nowMs);
    this.#calls.set(key, calls);
    const { perHour, perMinute } = this.limitsOf(api);
    const excess =
      (perHour === null ? undefined : findExcess(calls, nowMs, hourMs, perHour, '01:00:00')) ??
      findExcess(calls, nowMs, minuteMs, perMinute, '00:01:00');
    if (excess === undefined) calls.push(nowMs);
    return excess;
  }
}

function isSame(left: QuotaLimits, right: QuotaLimits): boolean {
  return (
    left.perMinute === right.perMinute &&
    left.perHour === right.perHour &&
    left.retryAfterAs === right.retryAfterAs
  );
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

/** `Retry-After` of a call over the quota, rounded up to whole seconds. */
export function toRetryAfter(
  { retryAfterMs }: QuotaExcess,
  { retryAfterAs }: QuotaLimits,
  nowMs: number,
): string {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return retryAfterAs === 'date' ? new Date(nowMs + seconds * 1000 + 999).toUTCString() : String(seconds);
}
