import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { ticksPerSecond } from '../clock/ticks.ts';
import type { MachineActionStore } from '../defender/machineActions/MachineActionStore.ts';
import type { MachineFields, MachineStore } from '../defender/machines/MachineStore.ts';
import { SeededRandom } from '../random/SeededRandom.ts';
import type { Company } from './Company.ts';
import { createMachine } from './createMachine.ts';
import { createMachines } from './createMachines.ts';
import { windows11 } from './operatingSystems.ts';

/** How a machine differs from a generated one, or from what it was. */
export interface MachineChange {
  /** Put over the properties; may hold null, unknown properties and `RawJson`. */
  readonly fields: MachineFields;
  /** Properties that are not sent at all. */
  readonly without?: readonly string[];
  /** JSON text sent instead of the machine. */
  readonly raw?: string;
  readonly isOnline?: boolean;
  /** Sets the truth; Defender's actions change it too. */
  readonly isIsolated?: boolean;
}

/** What machines are written with. */
export interface MachineWriterInit {
  readonly store: MachineStore;
  readonly actions: MachineActionStore;
  readonly clock: SimulatedClock;
  readonly company: Company;
  readonly seed: number;
}

const ticksPerDay = 86_400n * ticksPerSecond;

/** Writes machine records into the store, as devices that report to Defender would. */
export class MachineWriter {
  readonly #store: MachineStore;
  readonly #actions: MachineActionStore;
  readonly #clock: SimulatedClock;
  readonly #company: Company;
  readonly #seed: number;
  #random: SeededRandom;
  #added = 0;

  constructor({ store, actions, clock, company, seed }: MachineWriterInit) {
    this.#store = store;
    this.#actions = actions;
    this.#clock = clock;
    this.#company = company;
    this.#seed = seed;
    this.#random = new SeededRandom(`machine writer ${seed}`);
  }

  /** Puts the company's machines back as they were at the start, without actions and rules for them. */
  reset(): void {
    this.#actions.clear();
    this.#actions.rules.clear();
    this.#store.clear();
    this.#random = new SeededRandom(`machine writer ${this.#seed}`);
    this.#added = 0;
    const nowTicks = this.#clock.nowTicks();
    for (const { fields, silentDays } of createMachines(this.#company, this.#seed)) {
      this.#store.add(fields.id, {
        fields: { ...fields },
        reportOffset: this.#createReportOffset(),
        isOnline: silentDays === undefined,
        ...(silentDays === undefined ? {} : { silentSince: nowTicks - BigInt(silentDays) * ticksPerDay }),
      });
    }
  }

  /** Adds a connected, onboarded workstation that differs as said; returns its key. Throws a RangeError when the id is taken. */
  add(change: MachineChange): string {
    this.#added += 1;
    const generated = createMachine({
      random: this.#random,
      id: this.#random.hex(40),
      dnsName: `added-${String(this.#added).padStart(3, '0')}.${this.#company.dnsDomain}`,
      role: 'note',
      groupName: 'North',
      system: windows11,
    });
    const { id } = change.fields;
    const key = typeof id === 'string' ? id : generated.id;
    const isAdded = this.#store.add(key, {
      fields: { ...generated },
      reportOffset: this.#createReportOffset(),
      isOnline: true,
    });
    if (!isAdded) throw new RangeError(`There already is a machine ${key}.`);
    this.change(key, change);
    return key;
  }

  /** Changes a machine; throws a RangeError when there is none. */
  change(key: string, { fields, without = [], raw, isOnline, isIsolated }: MachineChange): void {
    this.#actions.settle(); // What was due happened to the machine as it was until now.
    const machine = this.#store.get(key);
    this.#store.setFields(machine, fields, without);
    if (raw !== undefined) machine.raw = raw;
    if (isIsolated !== undefined) machine.isIsolated = isIsolated;
    if (isOnline !== undefined) this.#store.setOnline(machine, isOnline, this.#clock.nowTicks());
  }

  #createReportOffset(): bigint {
    return BigInt(Math.floor(this.#random.next() * Number(ticksPerDay)));
  }
}
