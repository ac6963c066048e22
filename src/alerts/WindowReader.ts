import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import type { AppError } from '../runtime/AppError.ts';
import type { AlertSource, PageEnd } from './AlertSource.ts';
import { messageKey, type AlertVersion } from './AlertVersion.ts';
import { isSourceFailure, type CallPacer } from './CallPacer.ts';
import type { HandOver } from './HandOver.ts';
import { halve, isolateTick, isSingleTick, type TimeWindow } from './TimeWindow.ts';

/** What came of reading a window. Whatever it is, all that was read has been handed over. */
export type WindowOutcome =
  | { readonly kind: 'complete' }
  /** There may be more than the page held; reading all `parts` reads the window. */
  | { readonly kind: 'full'; readonly parts: readonly TimeWindow[] }
  /** The service said that it left something out. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'failed'; readonly error: AppError };

export interface ReadOptions {
  readonly evidence: boolean;
  /** How often a failing call is made before the window counts as failed. */
  readonly tries: number;
}

/** Passes over a single tick until two agree; more than this means that the service never settles. */
const MAX_PASSES = 6;

export interface WindowReaderInit {
  readonly source: AlertSource;
  readonly pacer: CallPacer;
  readonly handOver: HandOver;
  readonly pageSize: number;
}

/** Reads one window and hands over what is in it. */
export class WindowReader {
  readonly #init: WindowReaderInit;

  constructor(init: WindowReaderInit) {
    this.#init = init;
  }

  /** @throws whatever is not the fault of this window: PullPaused, CheckpointLost, StorageError, refusals. */
  async read(window: TimeWindow, options: ReadOptions): Promise<WindowOutcome> {
    try {
      return isSingleTick(window)
        ? await this.#readTick(window, options)
        : await this.#readOnce(window, options);
    } catch (error) {
      if (isSourceFailure(error)) return { kind: 'failed', error };
      throw error;
    }
  }

  async #readOnce(window: TimeWindow, options: ReadOptions): Promise<WindowOutcome> {
    const { end, versions } = await this.#readPage(window, 0, options, summarizeTicks);
    if (end.isPartial) return { kind: 'partial' };
    if (!this.#mayHaveMore(end)) return { kind: 'complete' };
    const { only } = versions;
    const isInside = only !== undefined && only >= window.from && only < window.to;
    // A page full of one instant is most likely followed by more of it: go there at once instead of halving 30 times.
    return { kind: 'full', parts: isInside ? isolateTick(window, only) : halve(window) };
  }

  /**
   * A window that cannot be halved is the one place where `$skip` is needed. Alerts that are updated meanwhile leave the
   * tick and shift the others, so passes are repeated until two give the same.
   */
  async #readTick(window: TimeWindow, options: ReadOptions): Promise<WindowOutcome> {
    let previous: ReadonlySet<string> | undefined;
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const keys = new Set<string>();
      for (let skip = 0; ;) {
        const { end, versions } = await this.#readPage(window, skip, options, collectKeys);
        if (end.isPartial) return { kind: 'partial' };
        const known = keys.size;
        for (const key of versions) keys.add(key);
        if (skip > 0 && end.count > 0 && keys.size === known)
          throw unsettled('`$skip` brings the same alerts again');
        if (skip === 0 && !this.#mayHaveMore(end)) return { kind: 'complete' };
        skip += end.count;
        if (!this.#mayHaveMore(end) || end.count === 0) break;
      }
      if (previous?.size === keys.size && keys.isSubsetOf(previous)) return { kind: 'complete' };
      previous = keys;
    }
    throw unsettled('alerts of one instant keep changing while they are read');
  }

  /** Reads a page and hands it over; `summarize` is fed with each version and begins anew with each try. */
  async #readPage<T>(
    window: TimeWindow,
    skip: number,
    { evidence, tries }: ReadOptions,
    summarize: () => Summary<T>,
  ): Promise<{ end: PageEnd; versions: T }> {
    const { source, pacer, handOver, pageSize } = this.#init;
    return await pacer.call(tries, async (call) => {
      const summary = summarize();
      handOver.discard();
      const end = await source.readPage(
        { window, top: pageSize, skip, evidence },
        async (element) => {
          pacer.checkTime();
          const version = await handOver.observe(element, evidence);
          if (version) summary.add(version);
        },
        call,
      );
      await handOver.flush();
      return { end, versions: summary.result };
    });
  }

  #mayHaveMore(end: PageEnd): boolean {
    return end.hasMore || end.count >= this.#init.pageSize;
  }
}

function unsettled(why: string): DefenderAnswerUnreadable {
  return new DefenderAnswerUnreadable('Read alerts', why);
}

interface Summary<T> {
  readonly result: T;
  add(version: AlertVersion): void;
}

/** `only` is the one instant that all versions share, if they share one. */
function summarizeTicks(): Summary<{ only: bigint | undefined }> {
  const result: { only: bigint | undefined } = { only: undefined };
  let count = 0;
  return {
    result,
    add({ ticks }) {
      result.only = count === 0 || result.only === ticks ? ticks : undefined;
      count += 1;
    },
  };
}

function collectKeys(): Summary<Set<string>> {
  const result = new Set<string>();
  return { result, add: (version) => void result.add(messageKey(version)) };
}
