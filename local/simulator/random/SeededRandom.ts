import { hashText } from './hashText.ts';

/** Random numbers that repeat for the same seed. Never used for secrets. */
export class SeededRandom {
  #state: number;

  constructor(seed: string) {
    this.#state = hashText(seed);
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  isChance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items; throws when there are none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError('Nothing to pick from: the list is empty.');
    return item;
  }

  /** Lower-case hexadecimal digits. */
  hex(length: number): string {
    let digits = '';
    while (digits.length < length) digits += this.integer(0, 0xffff).toString(16).padStart(4, '0');
    return digits.slice(0, length);
  }

  guid(): string {
    const digits = this.hex(32);
    return [8, 12, 16, 20, 32]
      .map((end, index, ends) => digits.slice(index === 0 ? 0 : ends[index - 1], end))
      .join('-');
  }

  /** A waiting time with this mean, as between independent arrivals. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}
