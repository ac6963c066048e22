/** Keeps the values that were used last, up to a limit, so that memory stays bounded whoever asks. */
export class RecentMap<V> {
  readonly #limit: number;
  // A Map keeps the order in which keys came, so the first is the one that was used longest ago.
  readonly #values = new Map<string, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.size;
  }

  getOrCreate(key: string, create: () => V): V {
    const value = this.#values.get(key) ?? create();
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#limit) break;
      this.#values.delete(oldest);
    }
    return value;
  }

  deleteWhere(isOver: (value: V) => boolean): void {
    for (const [key, value] of this.#values) if (isOver(value)) this.#values.delete(key);
  }
}
