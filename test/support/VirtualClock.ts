import type { Clock } from '../../src/runtime/Clock.ts';

/** A clock that moves only when somebody sleeps or moves it. */
export class VirtualClock implements Clock {
  #now: number;

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  sleep(ms: number): Promise<void> {
    this.#now += ms;
    return Promise.resolve();
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
