const RANDOMIZATION = 0.2;

/**
 * Delays that grow from `minimumMs` to `maximumMs`, doubling with 20 % of chance either way; `reset` starts over.
 *
 * Source: RandomizedExponentialBackoffStrategy.cs of Azure/azure-webjobs-sdk, used for queue polling and for retries
 */
export class Backoff {
  readonly #minimumMs: number;
  readonly #maximumMs: number;
  readonly #random: () => number;
  #exponent = 0;

  constructor(minimumMs: number, maximumMs: number, random: () => number = Math.random) {
    this.#minimumMs = minimumMs;
    this.#maximumMs = maximumMs;
    this.#random = random;
  }

  /** The delay after another try that found nothing or failed. */
  next(): number {
    let delayMs = this.#minimumMs;
    if (this.#exponent > 0) {
      const factor = 1 - RANDOMIZATION + 2 * RANDOMIZATION * this.#random();
      delayMs += factor * 2 ** (this.#exponent - 1) * this.#minimumMs;
    }
    if (delayMs >= this.#maximumMs) return this.#maximumMs;
    this.#exponent += 1;
    return delayMs;
  }

  /** The delay after a success: the smallest. */
  reset(): number {
    this.#exponent = 1;
    return this.#minimumMs;
  }
}
