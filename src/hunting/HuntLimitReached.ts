import { AppError } from '../runtime/AppError.ts';

/** The query asks for too much: its result is too large, or the service stopped it on the way. */
export class HuntLimitReached extends AppError {
  override readonly name = 'HuntLimitReached';
  readonly code: 'hunt_result_too_large' | 'hunt_preempted';
  readonly retryable = false;
  override readonly httpStatus = 422;

  constructor(code: 'hunt_result_too_large' | 'hunt_preempted', requestId: string | undefined) {
    const what =
      code === 'hunt_preempted'
        ? 'The service stopped the query because it takes too much'
        : 'The result is larger than the 50 MB that the service gives out';
    super(`${what}. Select fewer columns and rows, or a shorter time span.`, { requestId });
    this.code = code;
  }
}
