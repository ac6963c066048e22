import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { LogFields, Logger } from '../runtime/Logger.ts';
import type { Random } from '../runtime/Random.ts';
import type { AlertSettings } from '../settings/parseSettings.ts';
import type { AlertSource } from './AlertSource.ts';
import type { AlertOrigin } from './AlertVersion.ts';
import { CallPacer, isSourceFailure } from './CallPacer.ts';
import { CallQuota, shareOf } from './CallQuota.ts';
import { createCheckpoint, type Checkpoint } from './Checkpoint.ts';
import { CheckpointHold, isHeld } from './CheckpointHold.ts';
import { CheckpointLost } from './CheckpointLost.ts';
import type { CheckpointStore } from './CheckpointStore.ts';
import { CheckpointUntrusted } from './CheckpointUntrusted.ts';
import { HandOver } from './HandOver.ts';
import type { Ledger } from './Ledger.ts';
import type { Outbox } from './Outbox.ts';
import { PullPaused } from './PullPaused.ts';
import { PullRun } from './PullRun.ts';
import type { Quarantine } from './Quarantine.ts';
import { formatTicks, latest, TICKS_PER_SECOND, toTicks, type Ticks } from './ticks.ts';
import { formatWindow, type TimeWindow } from './TimeWindow.ts';
import { WindowReader } from './WindowReader.ts';

/** Front ends of the service may differ by this much; a watermark further in the future cannot be right. */
const CLOCK_TOLERANCE = 5n * 60n * TICKS_PER_SECOND;
/** The last write of a run may take this long, also when the run itself was aborted. */
const RELEASE_TIMEOUT_MS = 30_000;
const CLOCK_TRIES = 3;
/** A run that dies forgets at most so many calls, and the next run then exceeds its share by no more. */
const MAX_UNSAVED_CALLS = 10;
/** Old ledger rows go a thousand a round, after each sweep. */
const MAX_FORGET_ROUNDS = 20;

export interface AlertPullInit {
  readonly tenantId: string;
  readonly source: AlertSource;
  readonly checkpoints: CheckpointStore;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AlertSettings;
  /** Set where a run that waits is in the way of others; milliseconds. @default it waits for as long as its time allows */
  readonly longestWaitMs?: number | undefined;
}

export type PullOutcome = 'finished' | 'paused' | 'skipped' | 'superseded';

/**
 * The pull of one tenant and source: every version that is current when updates settle is handed over, without a fault
 * exactly once, and a crash repeats at most one batch (docs/architecture.md).
 */
export class AlertPull {
  readonly #init: AlertPullInit;
  readonly #origin: AlertOrigin;

  constructor(init: AlertPullInit) {
    this.#init = init;
    this.#origin = { tenantId: init.tenantId, source: init.source.name };
  }

  /**
   * Does one run. What can go on by itself next time (no time left, throttled, Defender down, another run at work) is an
   * outcome; what needs somebody is thrown: refusals, missing permissions, storage out of reach, an untrusted checkpoint.
   *
   * @param owner names this run.
   */
  async run(owner: string, logger: Logger, signal: AbortSignal): Promise<PullOutcome> {
    try {
      return await this.#run(owner, logger, signal);
    } catch (error) {
      if (error instanceof CheckpointLost) {
        logger.warn('alert_pull_superseded', { ...this.#origin });
        return 'superseded';
      }
      logger.error('alert_pull_failed', { ...this.#origin, ...describeError(error) });
      throw error;
    }
  }

  async #run(owner: string, logger: Logger, signal: AbortSignal): Promise<PullOutcome> {
    const { source, checkpoints, clock, settings } = this.#init;
    const startedAt = clock.now();
    const stored = await checkpoints.read(this.#origin, signal);
    if (stored && isHeld(stored, startedAt)) {
      const until = new Date(stored.lease.until).toISOString();
      logger.info('alert_pull_skipped', { ...this.#origin, holder: stored.lease.owner, until });
      return 'skipped';
    }

    let hold: CheckpointHold | undefined;
    const quota = new CallQuota(
      shareOf(source.callLimits, settings.quotaSharePercent),
      stored?.checkpoint.calls,
    );
    const keepHold = async () => {
      if (quota.unsaved >= MAX_UNSAVED_CALLS) await hold?.commit({});
      else await hold?.keep();
    };
    const pacer = new CallPacer({
      ...this.#init,
      quota,
      logger,
      signal,
      keepHold,
      deadline: startedAt + settings.budgetMs,
    });
    const take = (checkpoint: Checkpoint) =>
      CheckpointHold.take(
        {
          store: checkpoints,
          origin: this.#origin,
          owner,
          clock,
          signal,
          alongside: () => ({ calls: quota.save() }),
        },
        checkpoint,
        stored,
      );

    const progress: Progress = { window: undefined, handOver: undefined };
    try {
      hold = stored && (await take(stored.checkpoint));
      const now = await this.#readClock(pacer, hold?.checkpoint.throttledUntil);
      if (hold) this.#verifyTrusted(hold.checkpoint, now);
      else hold = await take(createCheckpoint(now - toTicks(settings.firstLookbackMs), now));
      await this.#read({ hold, pacer, logger, signal, keepHold, now, progress });
      await hold.release(
        { lastSuccess: clock.now(), throttledUntil: undefined },
        AbortSignal.timeout(RELEASE_TIMEOUT_MS),
      );
      logger.info('alert_pull_finished', {
        ...this.#figures(progress, hold, pacer, now),
        ms: clock.now() - startedAt,
      });
      return 'finished';
    } catch (error) {
      if (error instanceof CheckpointLost) throw error;
      await hold?.release({ throttledUntil: pacer.throttledUntil }, AbortSignal.timeout(RELEASE_TIMEOUT_MS));
      if (!(error instanceof PullPaused)) throw error;
      const cause = error.cause === undefined ? {} : describeError(error.cause);
      const figures = hold && this.#figures(progress, hold, pacer, undefined);
      logger.warn('alert_pull_paused', {
        reason: error.reason,
        ...figures,
        ...cause,
        ms: clock.now() - startedAt,
      });
      return 'paused';
    }
  }

  /** The service's clock, once it may be asked. @throws PullPaused when it does not answer. */
  async #readClock(pacer: CallPacer, throttledUntil: number | undefined): Promise<Ticks> {
    const waitMs = (throttledUntil ?? 0) - this.#init.clock.now();
    if (waitMs > 0) {
      pacer.throttledUntil = throttledUntil;
      await pacer.wait(waitMs, 'throttled');
      pacer.throttledUntil = undefined;
    }
    try {
      return await pacer.call(CLOCK_TRIES, (call) => this.#init.source.readClock(call));
    } catch (error) {
      throw isSourceFailure(error) ? new PullPaused('unavailable', error) : error;
    }
  }

  async #read({ hold, pacer, logger, signal, keepHold, now, progress }: Reading): Promise<void> {
    const { source, ledger, settings } = this.#init;
    const horizon = now - toTicks(settings.ledgerRetentionMs);
    const handOver = new HandOver({ ...this.#init, origin: this.#origin, logger, horizon, keepHold, signal });
    const reader = new WindowReader({ source, pacer, handOver, pageSize: settings.pageSize });
    const run = new PullRun({ ...this.#init, ...settings, hold, pacer, reader, logger });
    progress.handOver = handOver;
    progress.window = run.windowUpTo(now);
    const isWhole = await run.readNew(now);
    await run.readGaps();
    const isSwept = await run.sweep(now, progress.window.from);
    for (let round = 0; isSwept && round < MAX_FORGET_ROUNDS; round += 1) {
      pacer.checkTime();
      if (!(await ledger.forget(this.#origin, horizon, signal))) break;
    }
    if (!isWhole) throw new PullPaused('partial');
  }

  #verifyTrusted({ watermark }: Checkpoint, now: Ticks): void {
    if (watermark <= now + CLOCK_TOLERANCE) return;
    throw new CheckpointUntrusted(
      this.#origin.tenantId,
      this.#origin.source,
      `its watermark ${formatTicks(watermark)} is after the service's clock ${formatTicks(now)}`,
    );
  }

  #figures(progress: Progress, hold: CheckpointHold, pacer: CallPacer, now: Ticks | undefined): LogFields {
    const { watermark, gaps } = hold.checkpoint;
    const { read, fresh, handedOver, quarantined } = progress.handOver?.counts ?? {};
    const lag = now === undefined ? undefined : Number(latest(0n, now - watermark) / TICKS_PER_SECOND);
    return {
      ...this.#origin,
      window: progress.window && formatWindow(progress.window),
      read,
      new: fresh,
      handedOver,
      quarantined,
      watermark: formatTicks(watermark),
      lagSeconds: lag,
      gaps: gaps.length,
      calls: pacer.calls,
    };
  }
}

/** What one run has come to, for its log line. */
interface Progress {
  window: TimeWindow | undefined;
  handOver: HandOver | undefined;
}

interface Reading {
  readonly hold: CheckpointHold;
  readonly pacer: CallPacer;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly keepHold: () => Promise<void>;
  /** The service's clock. */
  readonly now: Ticks;
  readonly progress: Progress;
}
