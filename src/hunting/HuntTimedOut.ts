import { AppError } from '../runtime/AppError.ts';

/** The query did not finish in the time that its caller can wait. */
export class HuntTimedOut extends AppError {
  override readonly name = 'HuntTimedOut';
  readonly code = 'hunt_timed_out';
  readonly retryable = true;
  override readonly httpStatus = 504;

  constructor(requestId: string | undefined) {
    super(
      'The query did not finish in time. Make it cheaper: a shorter time span, filters first, fewer joins.',
      {
        requestId,
        retryAfterMs: 60_000,
      },
    );
  }
}
