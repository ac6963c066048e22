import type { Ticks } from '../alerts/ticks.ts';
import type { ServiceRecord } from './members.ts';

/** A record that was read. */
export interface FoundRecord {
  /** The id, or what stands for it. */
  readonly key: string;
  /** The last update. */
  readonly at: Ticks;
  /** How long the record is as JSON. */
  readonly bytes: number;
  readonly record: ServiceRecord;
}

/**
 * The newest records of all that were added: at most so many, and at most so many bytes of them. Of one record the
 * newest version counts.
 */
export class NewestRecords {
  readonly #maxBytes: number;
  readonly #found = new Map<string, FoundRecord>();
  #capacity: number;
  #hasDropped = false;
  #isOutOfRoom = false;

  constructor(capacity: number, maxBytes: number) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  /** How many records there is room for; less than at first when they turn out to be large. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Whether records were dropped for newer ones. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  /** Whether there was no room for as many records as were asked for. */
  get isOutOfRoom(): boolean {
    return this.#isOutOfRoom;
  }

  add(found: FoundRecord): void {
    const known = this.#found.get(found.key);
    if (known && known.at >= found.at) return;
    this.#found.set(found.key, found);
    // Not at every one: sorting is for when it pays.
    if (this.#found.size >= 2 * this.#capacity + 100 || found.bytes > this.#maxBytes / 16) this.#prune();
  }

  /** Newest first; records of the same instant by their key, so that the order is always the same. */
  list(): FoundRecord[] {
    this.#prune();
    return this.#sorted();
  }

  /** How many of the records are not older. */
  countFrom(at: Ticks): number {
    this.#prune();
    let count = 0;
    for (const found of this.#found.values()) if (found.at >= at) count += 1;
    return count;
  }

  #sorted(): FoundRecord[] {
    return [...this.#found.values()].sort((a, b) => {
      if (a.at !== b.at) return a.at > b.at ? -1 : 1;
      return a.key < b.key ? -1 : 1;
    });
  }

  #prune(): void {
    const sorted = this.#sorted();
    let bytes = 0;
    const fitting = sorted.findIndex((found) => (bytes += found.bytes) > this.#maxBytes);
    if (fitting >= 0 && fitting < this.#capacity) {
      this.#isOutOfRoom = true;
      this.#capacity = fitting;
    }
    for (const { key } of sorted.slice(this.#capacity)) {
      this.#hasDropped = true;
      this.#found.delete(key);
    }
  }
}
