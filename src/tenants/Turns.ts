import type { AlertSource } from '../alerts/AlertSource.ts';
import type { Clock } from '../runtime/Clock.ts';

/**
 * Pulls that work on alerts at the same moment. Each may hold an alert of 16 MiB and batches of 4 MiB, so that eight of
 * them fit into the smallest instance; a process has one thread, and more of them were not faster (`node bench/tenants.ts`).
 */
const PLACES = 8;

/** Places in a process for pulls that have something to do; whoever comes first gets the next one. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param places how many pulls work at once. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves when there is a place, which the caller must give back. @throws the signal's reason */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const enter = () => {
      resolve(undefined);
    };
    const leave = () => {
      this.#waiting.delete(enter);
      reject(signal.reason as Error);
    };
    this.#waiting.add(enter);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  give(): void {
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next();
    } else this.#free += 1;
  }
}

/** What all rounds of a process share. */
export function createTurns(): Turns {
  return new Turns(PLACES);
}

/**
 * The place of one pull among many.
 *
 * Invariant: it is held only while the pull works on what it got. While it sleeps, is throttled, or waits for Defender or
 * Entra to answer, others have the place: nothing slow in one tenant can hold up another.
 */
export class Turn {
  readonly #turns: Turns;
  readonly #signal: AbortSignal;
  #isHeld = false;

  constructor(turns: Turns, signal: AbortSignal) {
    this.#turns = turns;
    this.#signal = signal;
  }

  /** Does nothing when the place is held already. @throws the signal's reason */
  async take(): Promise<void> {
    if (this.#isHeld) return;
    await this.#turns.take(this.#signal);
    this.#isHeld = true;
  }

  give(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#turns.give();
  }

  /** A clock whose sleepers leave their place to others. */
  clock(inner: Clock): Clock {
    return {
      now: () => inner.now(),
      sleep: (ms, signal) => this.#without(() => inner.sleep(ms, signal)),
    };
  }

  /** A source whose callers leave their place to others until the answer begins to come. */
  source(inner: AlertSource): AlertSource {
    return {
      name: inner.name,
      callLimits: inner.callLimits,
      readClock: (call) => this.#without(() => inner.readClock(call)),
      readPage: (query, observe, call) =>
        this.#without(() =>
          inner.readPage(
            query,
            async (element) => {
              await this.take();
              await observe(element);
            },
            call,
          ),
        ),
    };
  }

  async #without<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isHeld) return await work();
    this.give();
    try {
      return await work();
    } finally {
      await this.take();
    }
  }
}
