import type { WorkflowTime } from './Time.ts';

/** `limit.timeout` of the action is over. */
export class ActionTimedOut extends Error {
  override readonly name = 'ActionTimedOut';
}

/**
 * How long one action has taken. It counts the action's own waits and requests, not the clock: in a loop, the branches
 * may share a clock that jumps whenever one of them waits.
 */
export class ActionTime {
  readonly #time: WorkflowTime;
  readonly #limitMs: number;
  #elapsedMs = 0;

  constructor(time: WorkflowTime, limitMs: number) {
    this.#time = time;
    this.#limitMs = limitMs;
  }

  get remainingMs(): number {
    return this.#limitMs - this.#elapsedMs;
  }

  /** Adds time that has passed already; throws `ActionTimedOut` when the limit is reached. */
  add(ms: number): void {
    this.#elapsedMs += ms;
    if (this.#elapsedMs >= this.#limitMs) throw new ActionTimedOut();
  }

  /** Waits, but not beyond the limit; throws `ActionTimedOut` when that is reached. */
  async sleep(ms: number): Promise<void> {
    const possibleMs = Math.min(ms, this.remainingMs);
    await this.#time.sleep(possibleMs);
    this.add(possibleMs);
  }
}
