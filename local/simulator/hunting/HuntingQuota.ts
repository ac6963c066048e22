import { HuntingError } from './HuntingError.ts';
import { documentedLimits, type HuntingApi, type HuntingLimits } from './HuntingLimits.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const cycleMs = 15 * minuteMs;

interface Run {
  readonly atMs: number;
  readonly seconds: number;
}

/**
 * Counts the calls and the running time of a tenant.
 *
 * Calls are counted for each API, running time for the endpoint API and for the two others together. Refused calls do
 * not count. Cycles begin at 0, 15, 30 and 45 minutes past the hour.
 */
export class HuntingQuota {
  #limits = documentedLimits;
  readonly #calls = new Map<string, number[]>();
  readonly #runs = new Map<string, Run[]>();
  readonly #blockedUntilMs = new Map<string, number>();

  get limits(): HuntingLimits {
    return this.#limits;
  }

  /** Sets limits, and forgets what was counted. */
  setLimits(limits: HuntingLimits): void {
    this.#limits = limits;
    this.#calls.clear();
    this.#runs.clear();
    this.#blockedUntilMs.clear();
  }

  /** Counts a call; throws HuntingError when the tenant has used up its calls or its running time. */
  take(api: HuntingApi, tenant: string, nowMs: number): void {
    const key = `${api} ${tenant}`;
    const calls = (this.#calls.get(key) ?? []).filter((at) => at > nowMs - hourMs && at <= nowMs);
    this.#calls.set(key, calls);
    const { callsPerHour, callsPerMinute } = this.#limits;
    if (api === 'endpoint') verifyCalls(calls, nowMs, hourMs, callsPerHour, '01:00:00');
    verifyCalls(calls, nowMs, minuteMs, callsPerMinute, '00:01:00');
    const waitMs = this.#findWait(api, tenant, nowMs);
    if (waitMs > 0) throw new HuntingError('tooMuchTime', explain(api), { retryAfterMs: waitMs });
    calls.push(nowMs);
  }

  /** Counts running time. */
  charge(api: HuntingApi, tenant: string, run: Run): void {
    const key = poolOf(api, tenant);
    const runs = (this.#runs.get(key) ?? []).filter(({ atMs }) => atMs > run.atMs - dayMs);
    this.#runs.set(key, [...runs, run]);
  }

  /** Uses up the running time of the tenant at once. */
  exhaust(api: HuntingApi, tenant: string, nowMs: number): void {
    if (api === 'endpoint') {
      this.charge(api, tenant, { atMs: nowMs, seconds: this.#limits.secondsPerHour });
    } else {
      this.#blockedUntilMs.set(poolOf(api, tenant), endOfCycle(nowMs));
    }
  }

  #findWait(api: HuntingApi, tenant: string, nowMs: number): number {
    const key = poolOf(api, tenant);
    const runs = this.#runs.get(key) ?? [];
    const { secondsPerCycle, secondsPerHour, secondsPerDay } = this.#limits;
    if (api === 'endpoint') {
      return Math.max(
        findSlidingWait(runs, nowMs, hourMs, secondsPerHour),
        findSlidingWait(runs, nowMs, dayMs, secondsPerDay),
      );
    }
    const blockedMs = (this.#blockedUntilMs.get(key) ?? 0) - nowMs;
    const start = endOfCycle(nowMs) - cycleMs;
    const used = sum(runs.filter(({ atMs }) => atMs >= start && atMs <= nowMs));
    const isUsedUp = secondsPerCycle !== null && used >= secondsPerCycle;
    return Math.max(blockedMs, isUsedUp ? endOfCycle(nowMs) - nowMs : 0);
  }
}

function poolOf(api: HuntingApi, tenant: string): string {
  return api === 'endpoint' ? `endpoint ${tenant}` : `shared ${tenant}`;
}

function endOfCycle(nowMs: number): number {
  return (Math.floor(nowMs / cycleMs) + 1) * cycleMs;
}

function sum(runs: readonly Run[]): number {
  return runs.reduce((total, { seconds }) => total + seconds, 0);
}

/** Until so much of the running time is older than the window that there is room again. */
function findSlidingWait(runs: readonly Run[], nowMs: number, windowMs: number, allowed: number): number {
  const recent = runs.filter(({ atMs }) => atMs > nowMs - windowMs && atMs <= nowMs);
  let used = sum(recent);
  for (const { atMs, seconds } of recent) {
    if (used < allowed) return 0;
    used -= seconds;
    if (used < allowed) return atMs + windowMs - nowMs;
  }
  return 0;
}

/** The message was seen in real answers: https://github.com/MicrosoftDocs/microsoft-365-docs/issues/4616 */
function verifyCalls(
  calls: readonly number[],
  nowMs: number,
  windowMs: number,
  allowed: number,
  period: string,
): void {
  const recent = calls.filter((at) => at > nowMs - windowMs);
  if (recent.length < allowed) return;
  const leaving = recent[recent.length - allowed] ?? nowMs;
  throw new HuntingError(
    'tooManyCalls',
    `API calls quota exceeded! maximum allowed ${allowed} per ${period}`,
    { retryAfterMs: leaving + windowMs - nowMs },
  );
}

/** The documentation says that the body tells which limit was reached, and not in which words. */
function explain(api: HuntingApi): string {
  return api === 'endpoint'
    ? 'The tenant has used up its running time for queries.'
    : 'The tenant has used up its CPU resources for queries; they are blocked until the next 15-minute cycle.';
}
