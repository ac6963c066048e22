import type { Clock } from '../../src/runtime/Clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Virtual time for many tasks at once: it jumps to the next sleeper when no task has anything left to do.
 *
 * Tasks may wait for one another and for `sleep`, and for nothing else: real input and output would not be waited for.
 */
export class EventClock implements Clock {
  #now: number;
  /** Ordered by instant; of equal ones the first comer is first. */
  readonly #sleepers: Sleeper[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  sleep(ms: number): Promise<void> {
    const at = this.#now + ms;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let index = this.#sleepers.length;
    while (index > 0 && (this.#sleepers[index - 1]?.at ?? 0) > at) index -= 1;
    this.#sleepers.splice(index, 0, {
      at,
      wake: () => {
        resolve(undefined);
      },
    });
    return promise;
  }

  /** Lets time pass until the work is done. @returns its outcome. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const end = () => {
      state.isDone = true;
    };
    work.then(end, end);
    for (;;) {
      await nothingLeftToDo();
      if (state.isDone) return await work;
      if (!this.#wakeNext(Infinity)) throw new Error('Everybody waits for something that never comes.');
    }
  }

  /** Lets so much time pass, and everything happen that is due in it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    do await nothingLeftToDo();
    while (this.#wakeNext(until));
    this.#now = until;
  }

  #wakeNext(until: number): boolean {
    const [next] = this.#sleepers;
    if (!next || next.at > until) return false;
    this.#sleepers.shift();
    this.#now = Math.max(this.#now, next.at);
    next.wake();
    return true;
  }
}

/** Promises are all settled before the event loop comes to its next turn. */
function nothingLeftToDo(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
