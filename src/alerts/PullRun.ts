import type { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { AlertSource } from './AlertSource.ts';
import { isSourceFailure, type CallPacer } from './CallPacer.ts';
import type { Gap } from './Checkpoint.ts';
import type { CheckpointHold } from './CheckpointHold.ts';
import { narrowGap, nextGap, openGap, postponeGap, replaceGap } from './gaps.ts';
import { PullPaused } from './PullPaused.ts';
import { latest, toTicks, type Ticks } from './ticks.ts';
import { formatWindow, subtract, type TimeWindow } from './TimeWindow.ts';
import type { WindowReader } from './WindowReader.ts';

/** Tries at a window before it is set aside. */
const TRIES = 3;
/** After so many failures in a row at gaps, the rest of them is left to the next run. */
const MAX_GAP_FAILURES = 12;

export interface PullRunInit {
  readonly source: AlertSource;
  readonly hold: CheckpointHold;
  readonly pacer: CallPacer;
  readonly reader: WindowReader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly overlapMs: number;
  readonly sweepLookbackMs: number;
  readonly sweepIntervalMs: number;
}

/**
 * What one run does while it holds the checkpoint: first what is new, then what could not be read before, then what may
 * have appeared late.
 *
 * Invariant: the watermark moves over a window only once the window was handed over or stands among the gaps.
 */
export class PullRun {
  readonly #init: PullRunInit;

  constructor(init: PullRunInit) {
    this.#init = init;
  }

  /** What is to be read for new and late alerts: up to `now`, the service's clock. */
  windowUpTo(now: Ticks): TimeWindow {
    const { rereadFrom, watermark } = this.#init.hold.checkpoint;
    return { from: rereadFrom < watermark ? rereadFrom : watermark, to: now };
  }

  /**
   * Reads what is new and, behind the watermark, what may have appeared late.
   * @returns whether no part of it stayed open.
   */
  async readNew(now: Ticks): Promise<boolean> {
    const { hold, overlapMs } = this.#init;
    const { watermark, rereadFrom } = hold.checkpoint;
    const oldEnough = now - toTicks(overlapMs);
    const settled = (to: Ticks) => latest(hold.checkpoint.rereadFrom, to < oldEnough ? to : oldEnough);
    const everything = () => ({ watermark: latest(watermark, now), rereadFrom: settled(now) });

    const outcome = await this.#readAtOnce(now);
    if (outcome === 'partial') return false;
    if (outcome === 'complete') {
      await hold.commit(everything());
      return true;
    }
    // What is new goes first: however much there is to read again, every run gets ahead.
    const isNewWhole = await this.#readAll({ from: watermark, to: now }, async (to) => {
      const isSettledBefore = rereadFrom >= watermark;
      await hold.commit({ watermark: to, ...(isSettledBefore ? { rereadFrom: settled(to) } : {}) });
    });
    const isOldWhole = await this.#readAll({ from: rereadFrom, to: watermark }, async (to) => {
      await hold.commit({ rereadFrom: settled(to) });
    });
    if (!isNewWhole || !isOldWhole) return false;
    await hold.commit(everything());
    return true;
  }

  /** One call for both parts, which is all it takes when little happens. @returns undefined when it was not enough. */
  async #readAtOnce(now: Ticks): Promise<'complete' | 'partial' | undefined> {
    const { hold, reader } = this.#init;
    const { watermark, rereadFrom, gaps } = hold.checkpoint;
    const window = this.windowUpTo(now);
    const isCut = gaps.some((gap) => gap.to > window.from && gap.from < window.to);
    if (isCut || rereadFrom >= watermark || watermark >= now) return undefined;
    const { kind } = await reader.read(window, { evidence: true, tries: 1 });
    if (kind === 'partial') this.#reportPartial(window);
    return kind === 'complete' || kind === 'partial' ? kind : undefined;
  }

  /** Tries the gaps that are due, and narrows down those that fail. */
  async readGaps(): Promise<void> {
    const { hold, clock, reader } = this.#init;
    for (let failures = 0; failures < MAX_GAP_FAILURES;) {
      const gap = nextGap(hold.checkpoint.gaps, clock.now());
      if (!gap) return;
      const outcome = await reader.read(gap, { evidence: true, tries: 1 });
      failures = outcome.kind === 'failed' ? failures + 1 : 0;
      // A success in between is proof enough that the service answers.
      if (outcome.kind === 'failed' && failures % 3 === 0) await this.#verifyServiceAnswers(outcome.error);
      if (outcome.kind === 'complete') await this.#closeGap(gap);
      else if (outcome.kind === 'full')
        await this.#commitGaps(replaceGap(hold.checkpoint.gaps, gap, outcome.parts));
      else if (outcome.kind === 'partial') await this.#postpone(gap);
      else await this.#narrow(gap, outcome.error);
    }
  }

  /**
   * Once per interval, reads far back for alerts that appeared late; goes on with an unfinished sweep first.
   * @returns whether a sweep came to its end.
   */
  async sweep(now: Ticks, newFrom: Ticks): Promise<boolean> {
    const { hold, sweepIntervalMs, sweepLookbackMs } = this.#init;
    const { startedFrom, sweptAt } = hold.checkpoint;
    if (!hold.checkpoint.sweep && now - sweptAt < toTicks(sweepIntervalMs)) return false;
    const sweep = hold.checkpoint.sweep ?? {
      from: latest(startedFrom, now - toTicks(sweepLookbackMs)),
      to: newFrom,
    };
    const isWhole = await this.#readAll(sweep, async (to) => {
      if (to < sweep.to) await hold.commit({ sweep: { from: to, to: sweep.to } });
    });
    if (isWhole) await hold.commit({ sweep: undefined, sweptAt: now });
    return isWhole;
  }

  /**
   * Reads a window but for its gaps, oldest part first, and sets aside what keeps failing.
   *
   * @param advance is told up to where everything was read, until a part of the window stays open.
   * @returns whether no part stayed open.
   */
  async #readAll(window: TimeWindow, advance: (to: Ticks) => Promise<void>): Promise<boolean> {
    const { hold, reader } = this.#init;
    const waiting = subtract(window, hold.checkpoint.gaps).toReversed();
    let isWhole = true;
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const outcome = await reader.read(next, { evidence: true, tries: TRIES });
      if (outcome.kind === 'full') {
        waiting.push(...outcome.parts.toReversed());
      } else if (outcome.kind === 'partial') {
        this.#reportPartial(next);
        isWhole = false;
      } else {
        if (outcome.kind === 'failed') await this.#setAside(next, outcome.error);
        if (isWhole) await advance(next.to);
      }
    }
    return isWhole;
  }

  #reportPartial(window: TimeWindow): void {
    this.#init.logger.warn('alert_window_partial', { window: formatWindow(window) });
  }

  async #setAside(window: TimeWindow, error: AppError): Promise<void> {
    const { hold, clock, logger } = this.#init;
    await this.#verifyServiceAnswers(error);
    await this.#commitGaps(openGap(hold.checkpoint.gaps, window, clock.now()));
    logger.warn('alert_gap_opened', { window: formatWindow(window), ...describeError(error) });
  }

  async #narrow(gap: Gap, error: AppError): Promise<void> {
    const { hold, logger, reader } = this.#init;
    const halves = narrowGap(gap);
    if (halves) {
      await this.#commitGaps(replaceGap(hold.checkpoint.gaps, gap, halves));
      logger.info('alert_gap_narrowed', { window: formatWindow(gap) });
      return;
    }
    const outcome = await reader.read(gap, { evidence: false, tries: TRIES });
    if (outcome.kind === 'full') {
      await this.#commitGaps(replaceGap(hold.checkpoint.gaps, gap, outcome.parts));
    } else if (outcome.kind === 'complete') {
      logger.warn('alert_without_evidence', { window: formatWindow(gap) });
      await this.#closeGap(gap);
    } else {
      await this.#verifyServiceAnswers(error);
      await this.#postpone(gap);
      logger.error('alert_gap_stuck', {
        window: formatWindow(gap),
        since: new Date(gap.since).toISOString(),
        attempts: gap.attempts + 1,
        ...describeError(error),
      });
    }
  }

  /** No window is to blame when nothing is answered at all. @throws PullPaused */
  async #verifyServiceAnswers(error: AppError): Promise<void> {
    const { pacer, source } = this.#init;
    try {
      await pacer.call(1, (call) => source.readClock(call));
    } catch (failure) {
      throw isSourceFailure(failure) ? new PullPaused('unavailable', error) : failure;
    }
  }

  async #closeGap(gap: Gap): Promise<void> {
    await this.#commitGaps(replaceGap(this.#init.hold.checkpoint.gaps, gap, []));
    this.#init.logger.info('alert_gap_closed', { window: formatWindow(gap) });
  }

  async #postpone(gap: Gap): Promise<void> {
    const { hold, clock } = this.#init;
    await this.#commitGaps(postponeGap(hold.checkpoint.gaps, gap, clock.now()));
  }

  async #commitGaps(gaps: readonly Gap[]): Promise<void> {
    await this.#init.hold.commit({ gaps });
  }
}
