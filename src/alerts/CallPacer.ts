import { CredentialUnavailable } from '../identity/CredentialUnavailable.ts';
import { SecretUnavailable } from '../identity/SecretUnavailable.ts';
import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { DefenderUnreachable } from '../defender/DefenderUnreachable.ts';
import type { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { Random } from '../runtime/Random.ts';
import type { SourceCall } from './AlertSource.ts';
import type { CallQuota } from './CallQuota.ts';
import { PullPaused, type PauseReason } from './PullPaused.ts';

const FIRST_BACKOFF_MS = 1_000;
const LAST_BACKOFF_MS = 30_000;
/** Without Retry-After, a 429 is about the minute's quota. */
const THROTTLE_BACKOFF_MS = 15_000;
/** Nobody means a longer wait than the quota's longest period by far; it also stays a date that can be stored. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;
/** Waits are cut into pieces, between which the checkpoint's lease is prolonged. */
const WAIT_PIECE_MS = 20_000;

export interface CallPacerInit {
  readonly quota: CallQuota;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** When the run must be over; milliseconds since the Unix epoch. */
  readonly deadline: number;
  /** Waits longer than this are left to the next run; milliseconds. @default no limit but the deadline */
  readonly longestWaitMs?: number | undefined;
  /** Awaited between the pieces of a wait and before every call. */
  readonly keepHold: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Makes the calls of one run: within the quota, within the run's time, and again when trying again can help.
 * Every method throws PullPaused when what it would have to wait for lies beyond the run's end.
 */
export class CallPacer {
  /** Set when the service asked to wait beyond the run's end; milliseconds since the Unix epoch. */
  throttledUntil: number | undefined;
  calls = 0;
  readonly #init: CallPacerInit;

  constructor(init: CallPacerInit) {
    this.#init = init;
  }

  /** @throws PullPaused when the run's time is over. */
  checkTime(): void {
    if (this.#init.clock.now() >= this.#init.deadline) throw new PullPaused('time');
  }

  /**
   * Calls `attempt` up to `tries` times while what fails is the call itself. Being throttled does not use up a try.
   * @throws the last error, or PullPaused.
   */
  async call<T>(tries: number, attempt: (call: SourceCall) => Promise<T>): Promise<T> {
    const call: SourceCall = { signal: this.#init.signal, beforeSend: () => this.#beforeSend() };
    for (let failures = 0, throttles = 0; ;) {
      try {
        return await attempt(call);
      } catch (error) {
        if (!isSourceFailure(error) && !isAboutSigningIn(error)) throw error;
        const isThrottled = error instanceof DefenderHttpError && error.isThrottled;
        if (isThrottled) throttles += 1;
        else failures += 1;
        if (failures >= tries) throw isAboutSigningIn(error) ? new PullPaused('unavailable', error) : error;
        this.#init.logger.warn('defender_call_retried', describeError(error));
        const told = error instanceof DefenderHttpError ? toldToWait(error) : undefined;
        const waitMs = told ?? (isThrottled ? THROTTLE_BACKOFF_MS * throttles : this.#backoffMs(failures));
        if (isThrottled) this.throttledUntil = this.#init.clock.now() + waitMs;
        await this.wait(waitMs, isThrottled ? 'throttled' : 'time');
        this.throttledUntil = undefined;
      }
    }
  }

  /** @throws PullPaused with `reason` at once when the run ends before the wait would, or may not wait so long. */
  async wait(ms: number, reason: PauseReason): Promise<void> {
    const { clock, deadline, longestWaitMs = Infinity, keepHold, signal } = this.#init;
    const until = clock.now() + ms;
    if (until >= deadline || ms > longestWaitMs) throw new PullPaused(reason);
    while (clock.now() < until) {
      await clock.sleep(Math.min(until - clock.now(), WAIT_PIECE_MS), signal);
      await keepHold();
    }
  }

  async #beforeSend(): Promise<void> {
    const { quota, clock, keepHold } = this.#init;
    this.checkTime();
    const delayMs = quota.delayMs(clock.now());
    if (delayMs > 0) await this.wait(delayMs, 'quota');
    await keepHold();
    quota.record(clock.now());
    this.calls += 1;
  }

  /** Exponential with full jitter, so that many apps do not come back at the same moment. */
  #backoffMs(failures: number): number {
    const ceiling = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
    return ceiling * (0.5 + this.#init.random() / 2);
  }
}

/** What Retry-After says, within reason. */
function toldToWait({ retryAfterMs }: DefenderHttpError): number | undefined {
  return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
}

/** The call itself failed in a way that may pass: Defender did not answer, answered 408, 429 or 5xx, or unreadably. */
export function isSourceFailure(error: unknown): error is AppError {
  return (
    error instanceof DefenderUnreachable ||
    error instanceof DefenderAnswerUnreadable ||
    (error instanceof DefenderHttpError && error.retryable)
  );
}

function isAboutSigningIn(error: unknown): error is AppError {
  const isKind = error instanceof CredentialUnavailable || error instanceof SecretUnavailable;
  return isKind && error.retryable;
}
