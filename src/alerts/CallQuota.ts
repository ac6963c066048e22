export interface CallLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Keeps calls within limits over sliding windows: in any 60 seconds and any 60 minutes, never more than allowed.
 * The log can be saved and taken up again, so that a new process keeps the same promise.
 */
export class CallQuota {
  readonly #limits: CallLimits;
  /** When each call of the last hour was made, oldest first; milliseconds since the Unix epoch. */
  #calls: number[];
  #unsaved = 0;

  constructor(limits: CallLimits, calls: readonly number[] = []) {
    this.#limits = limits;
    this.#calls = [...calls].sort((a, b) => a - b);
  }

  /** Milliseconds until one more call is allowed; 0 when it is allowed now. */
  delayMs(now: number): number {
    this.#forget(now);
    return Math.max(
      0,
      this.#freeAt(this.#limits.perMinute, MINUTE_MS, now) - now,
      this.#freeAt(this.#limits.perHour, HOUR_MS, now) - now,
    );
  }

  record(now: number): void {
    this.#forget(now);
    this.#calls.push(now);
    this.#unsaved += 1;
  }

  /** Calls that `save` has not given yet. */
  get unsaved(): number {
    return this.#unsaved;
  }

  /** The log as it is to be stored. */
  save(): readonly number[] {
    this.#unsaved = 0;
    return this.#calls.toSorted((a, b) => a - b);
  }

  /** The instant at which the oldest call that still counts leaves the window, if the window is full. */
  #freeAt(limit: number, windowMs: number, now: number): number {
    const blocking = this.#calls.at(-limit);
    return blocking === undefined ? now : blocking + windowMs;
  }

  #forget(now: number): void {
    // A call somewhat "in the future" was logged by a host whose clock is ahead, and counts until its hour is over;
    // one that is further ahead says nothing any more.
    this.#calls = this.#calls.filter((at) => at > now - HOUR_MS && at <= now + HOUR_MS);
  }
}

/** The part of the service's limits that `percent` allows; at least one call. */
export function shareOf(limits: CallLimits, percent: number): CallLimits {
  const share = (limit: number) => Math.max(1, Math.floor((limit * percent) / 100));
  return { perMinute: share(limits.perMinute), perHour: share(limits.perHour) };
}
