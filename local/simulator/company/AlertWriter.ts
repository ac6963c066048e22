import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { findTicks, nextUpdateTime, ticksPerSecond, toTimestamp, toUpdateTime } from '../clock/ticks.ts';
import { getNewest, type AlertStore } from '../defender/alerts/AlertStore.ts';
import { createAlertVersion, type AlertFields } from '../defender/alerts/AlertVersion.ts';
import { SeededRandom } from '../random/SeededRandom.ts';
import type { Company } from './Company.ts';
import { createAlert } from './createAlert.ts';

/** How a new alert differs from a generated one. */
export interface NewAlert {
  /** Put over the generated properties; may hold null, unknown properties and `RawJson`. */
  readonly fields: AlertFields;
  /** Appended to the generated title, so that a test finds its alerts again. */
  readonly titleContains?: string;
  readonly evidenceItems?: number;
  /** When queries start to see it; absent: at once. */
  readonly visibleFrom?: bigint;
  /** JSON text sent instead of the alert. */
  readonly raw?: string;
}

/** One version of an alert, as the control surface reports it. */
export interface WrittenVersion {
  readonly id: string;
  readonly lastUpdateTime: unknown;
}

/** Writes alerts into the store, as Defender's own pipeline would. */
export class AlertWriter {
  readonly #store: AlertStore;
  readonly #clock: SimulatedClock;
  readonly #company: Company;
  readonly #random: SeededRandom;

  constructor(store: AlertStore, clock: SimulatedClock, company: Company, seed: number) {
    this.#store = store;
    this.#clock = clock;
    this.#company = company;
    this.#random = new SeededRandom(`writer ${seed}`);
  }

  /** Adds an alert; throws a RangeError when a given id is taken. */
  add({ fields, titleContains, evidenceItems, visibleFrom, raw }: NewAlert): WrittenVersion {
    const given = typeof fields.lastUpdateTime === 'string' ? findTicks(fields.lastUpdateTime) : undefined;
    const generated = createAlert({
      random: this.#random,
      company: this.#company,
      writtenTicks: given ?? this.#clock.nowTicks(),
      ...(evidenceItems === undefined ? {} : { evidenceItems }),
    });
    const title = titleContains === undefined ? generated.title : `${generated.title} (${titleContains})`;
    const all: AlertFields = { ...generated, title, ...fields };
    const key = typeof all.id === 'string' ? all.id : generated.id;
    const version = createAlertVersion(all, visibleFrom ?? this.#clock.nowTicks(), raw);
    if (!this.#store.add(key, version)) throw new RangeError(`There already is an alert ${key}.`);
    return { id: key, lastUpdateTime: all.lastUpdateTime };
  }

  /**
   * Changes an alert; throws a RangeError when there is none.
   *
   * Unless given, `lastUpdateTime` becomes the clock's time, and in any case later than it was.
   */
  change(key: string, fields: AlertFields, visibleFrom?: bigint, raw?: string): WrittenVersion {
    const stored = this.#store.find(key);
    if (stored === undefined) throw new RangeError(`There is no alert ${key}.`);
    const newest = getNewest(stored);
    const nowTicks = this.#clock.nowTicks();
    const all = {
      ...newest.fields,
      lastUpdateTime: this.#laterThan(newest.comparable.lastUpdateTime),
      ...fields,
    };
    this.#store.update(key, createAlertVersion(all, visibleFrom ?? nowTicks, raw), nowTicks);
    return { id: key, lastUpdateTime: all.lastUpdateTime };
  }

  /** The instant in `seconds`, by the simulated clock. */
  instantIn(seconds: number): bigint {
    return this.#clock.nowTicks() + BigInt(Math.round(seconds * 1000)) * (ticksPerSecond / 1000n);
  }

  #laterThan(previous: unknown): string {
    const now = toUpdateTime(this.#clock.nowTicks());
    const isTaken = typeof previous === 'bigint' && previous >= now;
    return toTimestamp(isTaken ? nextUpdateTime(previous) : now);
  }
}
