import type { AlertPull, PullOutcome } from '../alerts/AlertPull.ts';
import type { AlertSource } from '../alerts/AlertSource.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { TableTenantDirectory } from './TableTenantDirectory.ts';
import type { Tenant } from './Tenant.ts';
import { Turn, type Turns } from './Turns.ts';
import { untilDeadline } from './untilDeadline.ts';
import { withTenant } from './withTenant.ts';

const NOTE_TIMEOUT_MS = 30_000;

/** What one pull of a tenant gets from the round that it is part of. */
export interface TenantRun {
  readonly budgetMs: number;
  readonly longestWaitMs: number | undefined;
  readonly clock: Clock;
  /** What the pull is to read from, instead of `source` itself. */
  readonly source: (source: AlertSource) => AlertSource;
}

export interface TenantPullerInit {
  readonly tenants: Pick<TableTenantDirectory, 'note'>;
  /** The pull of one tenant; may throw what keeps the app from calling Defender there. */
  readonly pullOf: (tenant: Tenant, run: TenantRun) => Pick<AlertPull, 'run'>;
  /** Shared by all rounds of this process. */
  readonly turns: Turns;
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
export interface PullLimits {
  /** Milliseconds since the Unix epoch. */
  readonly deadline: number;
  readonly longestWaitMs: number | undefined;
  /** Whether a call that is under way at the deadline is cut off. */
  readonly cutsCalls: boolean;
}

/** How the pull of one tenant ended. */
export interface TenantEnd {
  readonly tenant: Tenant;
  /** `unreached`: there was no time left. */
  readonly outcome: PullOutcome | 'failed' | 'unreached';
  readonly error?: unknown;
}

/** Pulls one tenant among many. */
export class TenantPuller {
  readonly #init: TenantPullerInit;

  constructor(init: TenantPullerInit) {
    this.#init = init;
  }

  /** Never throws: what goes wrong is logged with the tenant, noted, and part of the end. */
  async pull(
    tenant: Tenant,
    { deadline, longestWaitMs, cutsCalls }: PullLimits,
    { owner, logger: roundLogger, signal }: Round,
  ): Promise<TenantEnd> {
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
      const limit = (source: AlertSource) => (cutsCalls ? untilDeadline(source, deadline, clock) : source);
      pull = pullOf(tenant, { ...run, source: (source) => turn.source(limit(source)) });
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
}
