import type { AlertPull, PullOutcome } from '../alerts/AlertPull.ts';
import type { AlertSource } from '../alerts/AlertSource.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { TableTenantDirectory } from './TableTenantDirectory.ts';
import type { Tenant } from './Tenant.ts';
import { inOrderOfNeed } from './inOrderOfNeed.ts';
import { parseTenantMessage, type TenantQueue } from './TenantQueue.ts';
import type { TenantRecord } from './TenantRecord.ts';
import { Turn, type Turns } from './Turns.ts';
import { withTenant } from './withTenant.ts';

/** Runs of the timer that are begun and not over; each may have a connection open. */
const MOST_BEGUN = 100;
/**
 * The timer is not called again before a round is over, so a round of several tenants ends in time for the next one,
 * however long some tenant would like to go on.
 */
const SHARE_OF_INTERVAL = 0.8;
/**
 * Where nothing else keeps a pull from waiting in the way of others: a pull from the queue keeps one of the few messages
 * that an instance takes at once, and would fill it with throttled tenants. Longer waits are left to the next round.
 */
const LONGEST_WAIT_MS = 30_000;
const NOTE_TIMEOUT_MS = 30_000;

/** What one pull of a tenant gets from the round that it is part of. */
export interface TenantRun {
  readonly budgetMs: number;
  readonly longestWaitMs: number | undefined;
  readonly clock: Clock;
  /** What the pull is to read from, instead of `source` itself. */
  readonly source: (source: AlertSource) => AlertSource;
}

export interface TenantPullsInit {
  readonly tenants: Pick<TableTenantDirectory, 'listEnabled' | 'find' | 'note'>;
  readonly homeId: string;
  /** The pull of one tenant; may throw what keeps the app from calling Defender there. */
  readonly pullOf: (tenant: Tenant, run: TenantRun) => Pick<AlertPull, 'run'>;
  readonly queue: Pick<TenantQueue, 'put'>;
  /** Shared by all rounds of this process. */
  readonly turns: Turns;
  /** Up to so many tenants are pulled by the round itself. */
  readonly fanOutAbove: number;
  readonly budgetMs: number;
  readonly clock: Clock;
}

/** One call of the timer or of the queue. */
export interface Round {
  /** Names it. */
  readonly owner: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What keeps one pull from being in the way of others. */
interface Limits {
  readonly deadline: number;
  readonly longestWaitMs: number | undefined;
}

/** How the pull of one tenant ended. */
interface End {
  readonly tenant: Tenant;
  readonly outcome: PullOutcome | 'failed' | 'unreached';
  readonly error?: unknown;
}

/**
 * Pulls all tenants, each by itself: its own checkpoint, quota, lease and failure.
 *
 * Invariant: what happens in one tenant neither delays nor ends the pull of another (see `Turn`).
 */
export class TenantPulls {
  readonly #init: TenantPullsInit;

  constructor(init: TenantPullsInit) {
    this.#init = init;
  }

  /**
   * Pulls every tenant that is not paused, or queues them when they are many. A failure is logged with its tenant, and
   * thrown only when all are over and it is the home tenant's, or everybody's: then something is wrong with the app, while
   * a single customer's lost consent would mark every round as failed and hide that.
   *
   * @param intervalMs how long after one round the next one comes, if that is known.
   */
  async run(intervalMs: number | undefined, round: Round): Promise<void> {
    const { fanOutAbove, clock, budgetMs } = this.#init;
    const startedAt = clock.now();
    const tenants = inOrderOfNeed(await this.#list(round));
    if (tenants.length > fanOutAbove) {
      await this.#enqueue(tenants, intervalMs, round);
      return;
    }
    const ends: End[] = [];
    const waiting = tenants.values();
    const pullNext = async () => {
      for (const tenant of waiting)
        ends.push(await this.#pull(tenant, startedAt + budgetMs, undefined, round));
    };
    await Promise.all(Array.from({ length: Math.min(MOST_BEGUN, tenants.length) }, pullNext));
    if (!isAlone) this.#report(ends, startedAt, round.logger);
    this.#throwFor(ends);
  }

  /**
   * Pulls the tenant that a message names. Never throws for what goes wrong in the tenant, and drops what cannot or need
   * not be done any more: the next round has a message of its own.
   *
   * @param attempt how often the message was given out, this time included.
   */
  async runQueued(message: unknown, attempt: number, round: Round): Promise<void> {
    const { tenants, clock, budgetMs } = this.#init;
    const { logger, signal } = round;
    const parsed = parseTenantMessage(message);
    const tenantId = parsed?.tenantId;
    const drop = (reason: string) => {
      logger.warn('tenant_message_dropped', { tenantId, reason });
    };
    if (!parsed) {
      drop('unreadable');
      return;
    }
    // Whoever had it before died, or could not even look the tenant up.
    if (attempt > 1) {
      drop('repeated');
      return;
    }
    let tenant: TenantRecord;
    try {
      tenant = await tenants.find(parsed.tenantId, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      drop(error.code);
      return;
    }
    if (!tenant.isEnabled) drop('paused');
    else if ((tenant.lastAttempt ?? 0) > parsed.enqueuedAt) drop('done');
    else {
      const limits = { deadline: clock.now() + budgetMs, longestWaitMs: LONGEST_WAIT_MS };
      await this.#pull(tenant, limits, round);
    }
  }

  async #list({ logger, signal }: Round): Promise<readonly TenantRecord[]> {
    try {
      return await this.#init.tenants.listEnabled(signal);
    } catch (error) {
      // Nobody is pulled: that is told as if each had failed, for whoever is alarmed by it.
      logger.error('alert_pull_failed', { tenantId: this.#init.homeId, ...describeError(error) });
      throw error;
    }
  }

  async #enqueue(
    tenants: readonly TenantRecord[],
    intervalMs: number | undefined,
    { logger, signal }: Round,
  ): Promise<void> {
    const { clock, budgetMs, queue } = this.#init;
    const lifeMs = intervalMs ?? budgetMs;
    const ids = tenants.map(({ id }) => id);
    await queue.put(ids, { now: clock.now(), lifeMs }, signal);
    logger.info('tenants_queued', { tenants: tenants.length, lifeSeconds: Math.round(lifeMs / 1000) });
  }

  async #pull(
    tenant: Tenant,
    { deadline, longestWaitMs }: Limits,
    { owner, logger: roundLogger, signal }: Round,
  ): Promise<End> {
    const { clock, turns, pullOf } = this.#init;
    const logger = withTenant(roundLogger, tenant.id);
    const turn = new Turn(turns, signal);
    let pull: Pick<AlertPull, 'run'> | undefined;
    let startedAt = clock.now();
    try {
      await turn.take();
      startedAt = clock.now();
      const budgetMs = deadline - startedAt;
      if (budgetMs <= 0) return { tenant, outcome: 'unreached' };
      const run = { budgetMs, longestWaitMs, clock: turn.clock(clock) };
      pull = pullOf(tenant, { ...run, source: (source) => turn.source(source) });
      const outcome = await pull.run(owner, logger, signal);
      // Otherwise the run that has the checkpoint notes its own end.
      if (outcome === 'finished' || outcome === 'paused') {
        await this.#note(tenant, { startedAt, outcome }, logger);
      }
      return { tenant, outcome };
    } catch (error) {
      // The pull has logged its own failure.
      if (!pull) logger.error('alert_pull_failed', describeError(error));
      const code = error instanceof AppError ? error.code : 'unexpected_error';
      await this.#note(tenant, { startedAt, outcome: code }, logger);
      return { tenant, outcome: 'failed', error };
    } finally {
      turn.give();
    }
  }

  /** What is noted serves health and fairness only: the pull is not lost because of it. */
  async #note(tenant: Tenant, end: { startedAt: number; outcome: string }, logger: Logger): Promise<void> {
    try {
      await this.#init.tenants.note(tenant, end, AbortSignal.timeout(NOTE_TIMEOUT_MS));
    } catch (error) {
      logger.warn('tenant_not_noted', describeError(error));
    }
  }

  #report(ends: readonly End[], startedAt: number, logger: Logger): void {
    const count = (wanted: End['outcome']) => ends.filter(({ outcome }) => outcome === wanted).length;
    logger.info('tenants_pulled', {
      tenants: ends.length,
      finished: count('finished'),
      paused: count('paused'),
      failed: count('failed'),
      unreached: count('unreached'),
      ms: this.#init.clock.now() - startedAt,
    });
  }

  #throwFor(ends: readonly End[]): void {
    const failed = ends.filter(({ outcome }) => outcome === 'failed');
    const worst = failed.find(({ tenant }) => tenant.isHome) ?? failed[0];
    if (worst && (worst.tenant.isHome || failed.length === ends.length)) throw worst.error;
  }
}
