import type { RetryPolicy } from './HttpAction.ts';
import { parseDuration } from './parseDuration.ts';

/** A retry policy in milliseconds. */
export interface RetryPlan {
  readonly count: number;
  /** The wait before retry 1, 2, 3, ...; `random` is a number from 0 up to, but not including, 1. */
  readonly delayMs: (retry: number, random: number) => number;
}

/** Bounds of an exponential policy, in milliseconds. */
interface Bounds {
  readonly intervalMs: number;
  readonly minimumMs: number;
  readonly maximumMs: number;
}

/** Up to 4 retries at intervals that scale by 7.5 seconds and stay between 5 and 45. */
const defaultRetries = { count: 4, bounds: { intervalMs: 7500, minimumMs: 5000, maximumMs: 45_000 } };

/** Throws a RangeError for a policy outside the documented limits. */
export function toRetryPlan(policy: RetryPolicy): RetryPlan {
  switch (policy.type) {
    case 'none':
      return { count: 0, delayMs: () => 0 };
    case 'default':
      return toExponentialPlan(defaultRetries.count, defaultRetries.bounds);
    case 'fixed': {
      const intervalMs = getInterval(policy.interval);
      return { count: getCount(policy.count), delayMs: () => intervalMs };
    }
    case 'exponential':
      return toExponentialPlan(getCount(policy.count), {
        intervalMs: getInterval(policy.interval),
        minimumMs: getInterval(policy.minimumInterval ?? 'PT5S'),
        maximumMs: getInterval(policy.maximumInterval ?? 'P1D'),
      });
  }
}

/**
 * A random wait from a range that doubles with each retry.
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/error-exception-handling#exponential-interval
 */
function toExponentialPlan(count: number, { intervalMs, minimumMs, maximumMs }: Bounds): RetryPlan {
  return {
    count,
    delayMs: (retry, random) => {
      const shortest = Math.max(retry === 1 ? 0 : intervalMs * 2 ** (retry - 2), minimumMs);
      const longest = Math.min(intervalMs * 2 ** (retry - 1), maximumMs);
      // A minimum above the range, or a range beyond the maximum, leaves a single value.
      return Math.min(shortest + random * Math.max(0, longest - shortest), maximumMs);
    },
  };
}

/** 408, 429 and 5xx are tried again. */
export function isRetried(statusCode: number): boolean {
  return statusCode === 408 || statusCode === 429 || statusCode >= 500;
}

function getCount(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= 90) return count;
  throw new RangeError(`A retry policy has a count from 1 to 90, not ${count}.`);
}

function getInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms >= 5000 && ms <= parseDuration('P1D')) return ms;
  throw new RangeError(`An interval of a retry policy is from PT5S to P1D, not ${text}.`);
}
