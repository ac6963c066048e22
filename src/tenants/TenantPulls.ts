import { AppError } from '../runtime/AppError.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import { inOrderOfNeed } from './inOrderOfNeed.ts';
import type { TableTenantDirectory } from './TableTenantDirectory.ts';
import {
  TenantPuller,
  type PullLimits,
  type Round,
  type TenantEnd,
  type TenantPullerInit,
} from './TenantPuller.ts';
import { parseTenantMessage, type TenantQueue } from './TenantQueue.ts';
import type { TenantRecord } from './TenantRecord.ts';

/** Runs of the timer that are begun and not over; each may have a connection open. */
const MOST_BEGUN = 100;
/**
 * The timer is not called again before a round is over, so a round of several tenants ends in time for the next one,
 * however long some tenant would like to go on; and a message is done with before the tenant has another one.
 */
const SHARE_OF_INTERVAL = 0.8;
/**
 * Where nothing else keeps a pull from waiting in the way of others: a pull from the queue keeps one of the few messages
 * that an instance takes at once, and would fill it with throttled tenants. Longer waits are left to the next round.
 */
const LONGEST_WAIT_MS = 10_000;

/** Reasons to drop a message that come with the day. */
const EXPECTED_DROPS = new Set(['done', 'paused', 'tenant_not_found']);

export interface TenantPullsInit extends TenantPullerInit {
  readonly tenants: Pick<TableTenantDirectory, 'listEnabled' | 'find' | 'note'>;
  readonly homeId: string;
  readonly queue: Pick<TenantQueue, 'put'>;
  /** Up to so many tenants are pulled by the round itself. */
  readonly fanOutAbove: number;
  readonly budgetMs: number;
}

/**
 * Pulls all tenants, each by itself: its own checkpoint, quota, lease and failure.
 *
 * Invariant: what happens in one tenant neither delays nor ends the pull of another. While a pull waits, others have its
 * place (`Turn`); and no round and no message waits for so long that the next one would come late.
 */
export class TenantPulls {
  readonly #init: TenantPullsInit;
  readonly #puller: TenantPuller;

  constructor(init: TenantPullsInit) {
    this.#init = init;
    this.#puller = new TenantPuller(init);
  }

  /**
   * Pulls every tenant that is not paused, or queues them when they are many. A failure is logged with its tenant, and
   * thrown only when all are over and it is the home tenant's, or everybody's: then something is wrong with the app, while
   * a single customer's lost consent would mark every round as failed and hide that.
   *
   * @param intervalMs how long after one round the next one comes, if that is known.
   */
  async run(intervalMs: number | undefined, round: Round): Promise<void> {
    const { fanOutAbove, clock } = this.#init;
    const startedAt = clock.now();
    const tenants = inOrderOfNeed(await this.#list(round));
    if (tenants.length > fanOutAbove) {
      await this.#enqueue(tenants, intervalMs, round);
      return;
    }
    const isAlone = tenants.length === 1;
    const limits = this.#limitsOf(isAlone, intervalMs);
    const ends: TenantEnd[] = [];
    const waiting = tenants.values();
    const pullNext = async () => {
      for (const tenant of waiting) ends.push(await this.#puller.pull(tenant, limits, round));
    };
    await Promise.all(Array.from({ length: Math.min(MOST_BEGUN, tenants.length) }, pullNext));
    if (!isAlone) this.#report(ends, startedAt, round.logger);
    throwForAll(ends);
  }

  /**
   * Pulls the tenant that a message names. Never throws for what goes wrong in the tenant, and drops what cannot or need
   * not be done any more: the next round has a message of its own.
   *
   * @param attempt how often the message was given out, this time included.
   */
  async runQueued(message: unknown, attempt: number, round: Round): Promise<void> {
    const { tenants } = this.#init;
    const parsed = parseTenantMessage(message);
    const drop = (reason: string) => {
      const level = EXPECTED_DROPS.has(reason) ? 'info' : 'warn';
      round.logger[level]('tenant_message_dropped', { tenantId: parsed?.tenantId, reason });
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
      tenant = await tenants.find(parsed.tenantId, round.signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      drop(error.code);
      return;
    }
    if (!tenant.isEnabled) drop('paused');
    else if ((tenant.lastAttempt ?? 0) > parsed.enqueuedAt) drop('done');
    else {
      const limits = {
        deadline: this.#deadlineOf(parsed.lifeMs),
        longestWaitMs: LONGEST_WAIT_MS,
        cutsCalls: true,
      };
      await this.#puller.pull(tenant, limits, round);
    }
  }

  #limitsOf(isAlone: boolean, intervalMs: number | undefined): PullLimits {
    const deadline = this.#deadlineOf(isAlone ? undefined : intervalMs);
    if (isAlone) return { deadline, longestWaitMs: undefined, cutsCalls: false };
    return {
      deadline,
      longestWaitMs: intervalMs === undefined ? LONGEST_WAIT_MS : undefined,
      cutsCalls: true,
    };
  }

  #deadlineOf(intervalMs: number | undefined): number {
    const { budgetMs, clock } = this.#init;
    return clock.now() + Math.min(budgetMs, SHARE_OF_INTERVAL * (intervalMs ?? Infinity));
  }

  async #list({ logger, signal }: Round): Promise<readonly TenantRecord[]> {
    try {
      return await this.#init.tenants.listEnabled(signal);
    } catch (error) {
      // Nobody is pulled: that is told as if the home tenant had failed, for whoever is alarmed by it.
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

  #report(ends: readonly TenantEnd[], startedAt: number, logger: Logger): void {
    const count = (wanted: TenantEnd['outcome']) => ends.filter(({ outcome }) => outcome === wanted).length;
    logger.info('tenants_pulled', {
      tenants: ends.length,
      finished: count('finished'),
      paused: count('paused'),
      failed: count('failed'),
      unreached: count('unreached'),
      ms: this.#init.clock.now() - startedAt,
    });
  }
}

function throwForAll(ends: readonly TenantEnd[]): void {
  const failed = ends.filter(({ outcome }) => outcome === 'failed');
  const worst = failed.find(({ tenant }) => tenant.isHome) ?? failed[0];
  if (worst && (worst.tenant.isHome || failed.length === ends.length)) throw worst.error;
}
