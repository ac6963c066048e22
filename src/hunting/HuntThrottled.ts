import { AppError } from '../runtime/AppError.ts';

export interface HuntThrottledInit {
  /** True for the quota of CPU time, false for the rate of calls. */
  readonly isCpuQuota: boolean;
  readonly retryAfterMs: number;
  readonly requestId: string | undefined;
}

/** The tenant has used up its quota of calls or of CPU time. Source: docs of advanced hunting quotas. */
export class HuntThrottled extends AppError {
  override readonly name = 'HuntThrottled';
  readonly code: 'hunt_quota_exhausted' | 'hunt_throttled';
  readonly retryable = true;
  override readonly httpStatus = 429;

  constructor({ isCpuQuota, retryAfterMs, requestId }: HuntThrottledInit) {
    super(
      isCpuQuota
        ? "The tenant's quota of CPU time for hunting is used up. Wait for the next cycle, and make queries cheaper."
        : 'Hunting is asked for too often. Wait before the next query.',
      { requestId, retryAfterMs },
    );
    this.code = isCpuQuota ? 'hunt_quota_exhausted' : 'hunt_throttled';
  }
}
