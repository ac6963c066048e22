import { DefenderAnswerTooLarge } from '../defender/DefenderAnswerTooLarge.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { HuntLimitReached } from './HuntLimitReached.ts';
import { HuntQueryInvalid } from './HuntQueryInvalid.ts';
import { HuntThrottled } from './HuntThrottled.ts';
import { HuntTimedOut } from './HuntTimedOut.ts';

const CYCLE_MS = 15 * 60_000;
const THROTTLED_MS = 60_000;

/**
 * What a failed hunt means for its caller. The service tells some of them apart by words only; a text that is not known
 * stays an invalid query or a throttled call, which is true in any case.
 *
 * @param now milliseconds since the Unix epoch; the quota of CPU time starts anew every quarter of an hour.
 */
export function classifyHuntFailure(error: unknown, now: number): unknown {
  if (error instanceof DefenderAnswerTooLarge)
    return new HuntLimitReached('hunt_result_too_large', error.requestId);
  if (!(error instanceof DefenderHttpError)) return error;
  const { serviceStatus, serviceMessage = '', requestId, retryAfterMs } = error;
  if (serviceStatus === 400 || serviceStatus === 413) {
    if (serviceStatus === 413 || /exceeded the allowed result size/i.test(serviceMessage)) {
      return new HuntLimitReached('hunt_result_too_large', requestId);
    }
    if (/exceeded the allowed limits|preempted/i.test(serviceMessage)) {
      return new HuntLimitReached('hunt_preempted', requestId);
    }
    return new HuntQueryInvalid(serviceMessage || 'the service does not say why', requestId);
  }
  if (serviceStatus === 429) {
    const isCpuQuota = /\bCPU\b|run(ning)? ?time|resource/i.test(serviceMessage);
    const fallbackMs = isCpuQuota ? CYCLE_MS - (now % CYCLE_MS) : THROTTLED_MS;
    return new HuntThrottled({ isCpuQuota, retryAfterMs: retryAfterMs ?? fallbackMs, requestId });
  }
  return serviceStatus === 504 || serviceStatus === 408 ? new HuntTimedOut(requestId) : error;
}
