import { hashText } from '../../random/hashText.ts';

/** The properties of a machine as they are sent. Values are JSON values, or `RawJson` at the top level. */
export type MachineFields = Readonly<Record<string, unknown>>;

/** The properties that follow the clock until somebody sets them. */
export type ReportedProperty = 'lastSeen' | 'healthStatus';

/** A machine record, and the truth about the device behind it. */
export interface StoredMachine {
  /** The machine's id; a made-up one when it was stored without. */
  readonly key: string;
  /** Its place in an unordered answer. */
  readonly place: number;
  /** When in the day the device sends its full report: ticks after 00:00 UTC. */
  readonly reportOffset: bigint;
  readonly reported: Set<ReportedProperty>;
  fields: MachineFields;
  /** Sent instead of the fields. */
  raw?: string;
  /** True while the device can be reached, so that actions go on. */
  isOnline: boolean;
  /** When it was last connected, after it had been away. */
  onlineSince?: bigint;
  /** When it went away; absent while it is connected. */
  silentSince?: bigint;
  /** The truth: whether the device is cut off from the network. No property of the API tells it. */
  isIsolated: boolean;
}

/** What a machine is stored with. */
export type NewStoredMachine = Pick<StoredMachine, 'fields' | 'reportOffset' | 'isOnline' | 'silentSince'>;

/** The machine records of the tenant. */
export class MachineStore {
  readonly #seed: number;
  readonly #machines = new Map<string, StoredMachine>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Adds a machine; false when the key is taken. */
  add(key: string, machine: NewStoredMachine): boolean {
    if (this.#machines.has(key)) return false;
    this.#machines.set(key, {
      ...machine,
      key,
      place: hashText(`${this.#seed} ${key}`),
      reported: new Set(['lastSeen', 'healthStatus']),
      isIsolated: false,
    });
    return true;
  }

  find(key: string): StoredMachine | undefined {
    return this.#machines.get(key);
  }

  /** Throws a RangeError when there is no such machine. */
  get(key: string): StoredMachine {
    const machine = this.#machines.get(key);
    if (machine === undefined) throw new RangeError(`There is no machine ${key}.`);
    return machine;
  }

  list(): Iterable<StoredMachine> {
    return this.#machines.values();
  }

  /** False when there is no such machine. */
  remove(key: string): boolean {
    return this.#machines.delete(key);
  }

  clear(): void {
    this.#machines.clear();
  }

  /** Sets properties and leaves out others; a property that was set no longer follows the clock. */
  setFields(machine: StoredMachine, fields: MachineFields, without: readonly string[]): void {
    for (const name of ['lastSeen', 'healthStatus'] as const) {
      if (Object.hasOwn(fields, name) || without.includes(name)) machine.reported.delete(name);
    }
    const kept = Object.entries({ ...machine.fields, ...fields }).filter(([name]) => !without.includes(name));
    machine.fields = Object.fromEntries(kept);
  }

  /** Connects or disconnects the device. */
  setOnline(machine: StoredMachine, isOnline: boolean, nowTicks: bigint): void {
    if (machine.isOnline === isOnline) return;
    machine.isOnline = isOnline;
    if (isOnline) {
      machine.onlineSince = nowTicks;
      delete machine.silentSince;
    } else {
      machine.silentSince = nowTicks;
    }
  }
}
