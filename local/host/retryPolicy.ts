import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import { LocalHostError } from './LocalHostError.ts';
import type { InvocationOutcome, InvocationRequest, RetryMetadata } from './workerProtocol.ts';

/** When a failed invocation is repeated. `maxRetryCount` -1 means without end. */
export interface RetryPolicy {
  maxRetryCount: number;
  minimumMs: number;
  maximumMs: number;
}

/**
 * The retry options of a function, checked as the host checks them.
 *
 * Throws `LocalHostError` naming what is missing: `maxRetryCount`, and `delayInterval` or both intervals.
 */
export function parseRetryPolicy(metadata: RetryMetadata | undefined): RetryPolicy | undefined {
  if (metadata === undefined) return undefined;
  const { retryStrategy, maxRetryCount } = metadata;
  if (typeof maxRetryCount !== 'number') throw new LocalHostError('retry needs maxRetryCount.');
  if (retryStrategy === 'fixedDelay') {
    const delayMs = milliseconds(metadata.delayInterval, 'fixedDelay needs delayInterval');
    return { maxRetryCount, minimumMs: delayMs, maximumMs: delayMs };
  }
  if (retryStrategy === 'exponentialBackoff') {
    const minimumMs = milliseconds(metadata.minimumInterval, 'exponentialBackoff needs minimumInterval');
    const maximumMs = milliseconds(metadata.maximumInterval, 'exponentialBackoff needs maximumInterval');
    if (minimumMs > maximumMs) {
      throw new LocalHostError('retry: minimumInterval must not be greater than maximumInterval.');
    }
    return { maxRetryCount, minimumMs, maximumMs };
  }
  throw new LocalHostError(`retry: the strategy "${retryStrategy ?? ''}" is unknown.`);
}

interface RetriedInvocation {
  policy: RetryPolicy | undefined;
  /** Ends the waiting between two tries. */
  signal: AbortSignal;
  /** One try; the retry context is undefined without a policy. */
  run: (retryContext: InvocationRequest['retryContext']) => Promise<InvocationOutcome>;
  onRetry: (delayMs: number, attempt: number) => void;
}

/**
 * Runs a function and repeats it by its policy while it fails. The count lives in this process only.
 *
 * Source: Executors/FunctionExecutorExtensions.cs of Azure/azure-webjobs-sdk
 */
export async function runWithRetry(invocation: RetriedInvocation): Promise<InvocationOutcome> {
  const { policy, signal, run, onRetry } = invocation;
  if (policy === undefined) return run(undefined);
  const { maxRetryCount } = policy;
  const backoff = new Backoff(policy.minimumMs, policy.maximumMs);
  let outcome = await run({ retryCount: 0, maxRetryCount });
  for (let retryCount = 1; !outcome.ok; retryCount += 1) {
    if (signal.aborted || (maxRetryCount !== -1 && retryCount > maxRetryCount)) break;
    const delayMs = backoff.next();
    onRetry(delayMs, retryCount);
    try {
      await delay(delayMs, undefined, { signal });
    } catch {
      break;
    }
    const exception = { message: outcome.error.message, source: '' };
    outcome = await run({ retryCount, maxRetryCount, exception });
  }
  return outcome;
}

function milliseconds(duration: { seconds?: number } | undefined, rule: string): number {
  if (duration?.seconds === undefined) throw new LocalHostError(`retry: ${rule}.`);
  return duration.seconds * 1000;
}
