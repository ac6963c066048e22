import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { getNewest, type AlertStore } from '../defender/alerts/AlertStore.ts';
import { SeededRandom } from '../random/SeededRandom.ts';
import type { AlertWriter } from './AlertWriter.ts';
import { changeAlert } from './changeAlert.ts';
import type { Company } from './Company.ts';
import type { Alert } from './createAlert.ts';
import type { Scheduler } from './Scheduler.ts';

/** What arrivals work with. */
export interface ArrivalsInit {
  readonly writer: AlertWriter;
  readonly store: AlertStore;
  readonly scheduler: Scheduler;
  readonly clock: SimulatedClock;
  readonly company: Company;
  readonly seed: number;
}

const lateShare = 0.1;
const changedShare = 1 / 3;
const meanSecondsUntilChange = 90;

/** New alerts that come by themselves; about a third changes later, and a tenth is indexed late. */
export class Arrivals {
  readonly #init: ArrivalsInit;
  readonly #random: SeededRandom;
  #meanSeconds: number | undefined;
  #round = 0;

  constructor(init: ArrivalsInit) {
    this.#init = init;
    this.#random = new SeededRandom(`arrivals ${init.seed}`);
  }

  /** The mean time between two alerts; undefined while none come. */
  get meanSeconds(): number | undefined {
    return this.#meanSeconds;
  }

  /** Changes the rate; undefined stops new alerts, not the changes already due. */
  set(meanSeconds: number | undefined): void {
    this.#meanSeconds = meanSeconds;
    this.#round += 1; // Makes the waiting alert of the old rate void.
    if (meanSeconds !== undefined) this.#scheduleNext(meanSeconds, this.#round);
  }

  #scheduleNext(meanSeconds: number, round: number): void {
    this.#init.scheduler.after(this.#random.exponential(meanSeconds) * 1000, () => {
      if (round !== this.#round) return;
      this.#arrive();
      this.#scheduleNext(meanSeconds, round);
    });
  }

  #arrive(): void {
    const { writer, scheduler } = this.#init;
    const isLate = this.#random.isChance(lateShare);
    const lateSeconds = isLate ? this.#random.integer(20, 300) : 0;
    const { id } = writer.add({
      fields: {},
      ...(isLate ? { visibleFrom: writer.instantIn(lateSeconds) } : {}),
    });
    if (!this.#random.isChance(changedShare)) return;
    scheduler.after((5 + this.#random.exponential(meanSecondsUntilChange)) * 1000, () => {
      this.#change(id);
    });
  }

  #change(id: string): void {
    const { store, clock, company, writer } = this.#init;
    const stored = store.find(id);
    if (stored === undefined) return; // Deleted meanwhile.
    const fields = changeAlert(getNewest(stored).fields as unknown as Alert, {
      random: this.#random,
      company,
      writtenTicks: clock.nowTicks(),
    });
    writer.change(id, fields);
  }
}
