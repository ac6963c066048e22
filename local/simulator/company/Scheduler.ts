/** Runs things later, all of which can be called off at once. */
export class Scheduler {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Runs `action` after `delayMs` of the host's time. Does not keep the process alive. */
  after(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
