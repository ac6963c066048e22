import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { DefenderUnreachable } from '../defender/DefenderUnreachable.ts';
import type { Clock } from '../runtime/Clock.ts';
import { ReadThrottled } from './ReadThrottled.ts';

const PAUSE_MS = 1_000;
/** Below this there is no sense in a second try. */
const MIN_SECOND_TRY_MS = 2_000;

export interface ReadTime {
  readonly clock: Clock;
  /** When the caller stops waiting; milliseconds since the Unix epoch. */
  readonly until: number;
  readonly signal: AbortSignal;
}

/**
 * Reads, and once more when the first try fails in a way that passes and the wait fits into the time. A throttled call is
 * only repeated after the time that the service names.
 * @throws ReadThrottled in place of a 429, else what `read` throws.
 */
export async function readTwice<T>(read: () => Promise<T>, { clock, until, signal }: ReadTime): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const waitMs = findWait(error);
    if (waitMs === undefined || clock.now() + waitMs + MIN_SECOND_TRY_MS > until) throw toThrottled(error);
    await clock.sleep(waitMs, signal);
  }
  try {
    return await read();
  } catch (error) {
    throw toThrottled(error);
  }
}

/** Milliseconds; undefined when there is nothing to wait for. */
function findWait(error: unknown): number | undefined {
  if (error instanceof DefenderUnreachable || error instanceof DefenderAnswerUnreadable) return PAUSE_MS;
  if (!(error instanceof DefenderHttpError) || !error.retryable) return undefined;
  return error.retryAfterMs ?? (error.isThrottled ? undefined : PAUSE_MS);
}

function toThrottled(error: unknown): unknown {
  return error instanceof DefenderHttpError && error.isThrottled
    ? new ReadThrottled(error.retryAfterMs, error.requestId)
    : error;
}
