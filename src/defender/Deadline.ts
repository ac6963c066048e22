/** An abort signal that fires when a step takes too long; it can be paused between steps. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  /** Follows `parent` as well. The first step begins at once. */
  constructor(ms: number, parent: AbortSignal) {
    this.#ms = ms;
    this.signal = AbortSignal.any([this.#controller.signal, parent]);
    this.restart();
  }

  readonly signal: AbortSignal;

  restart(): void {
    this.pause();
    this.#timer = setTimeout(() => {
      this.#controller.abort(new DOMException('The deadline passed.', 'TimeoutError'));
    }, this.#ms);
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Ends whatever still uses the signal; call it when the work is over. */
  cancel(): void {
    this.pause();
    this.#controller.abort();
  }
}
