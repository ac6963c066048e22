import { ticksPerMillisecond } from './ticks.ts';

/** What `GET /clock` shows. */
export interface ClockState {
  readonly now: string;
  readonly offsetSeconds: number;
  readonly frozen: boolean;
}

/**
 * The one clock of all simulated services.
 *
 * It follows the host's clock until it is moved or frozen, so a test can set the services' time apart from its own.
 */
export class SimulatedClock {
  #offsetMs = 0;
  #frozenAtMs: number | undefined;

  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number {
    return this.#frozenAtMs ?? Date.now() + this.#offsetMs;
  }

  now(): Date {
    return new Date(this.nowMs());
  }

  /** Ticks of 100 ns since 1970-01-01T00:00:00Z. */
  nowTicks(): bigint {
    return BigInt(this.nowMs()) * ticksPerMillisecond;
  }

  /** Runs `seconds` ahead of the host's clock (behind, when negative) from now on. */
  setOffset(seconds: number): void {
    this.#frozenAtMs = undefined;
    this.#offsetMs = Math.round(seconds * 1000);
  }

  /** Stands still at this instant until it is moved or reset. */
  freezeAt(milliseconds: number): void {
    this.#frozenAtMs = milliseconds;
  }

  /** Moves by `seconds`; a frozen clock stays frozen. */
  advance(seconds: number): void {
    const step = Math.round(seconds * 1000);
    if (this.#frozenAtMs === undefined) this.#offsetMs += step;
    else this.#frozenAtMs += step;
  }

  /** Follows the host's clock again. */
  reset(): void {
    this.#offsetMs = 0;
    this.#frozenAtMs = undefined;
  }

  describe(): ClockState {
    const offsetMs = this.#frozenAtMs === undefined ? this.#offsetMs : this.#frozenAtMs - Date.now();
    return {
      now: this.now().toISOString(),
      offsetSeconds: offsetMs / 1000,
      frozen: this.#frozenAtMs !== undefined,
    };
  }
}
