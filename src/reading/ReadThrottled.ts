import { AppError } from '../runtime/AppError.ts';

const DEFAULT_WAIT_MS = 60_000;

/** The tenant's quota of calls to the API is used up, by whoever calls it. */
export class ReadThrottled extends AppError {
  override readonly name = 'ReadThrottled';
  readonly code = 'read_throttled';
  readonly retryable = true;
  override readonly httpStatus = 429;

  constructor(retryAfterMs: number | undefined, requestId: string | undefined) {
    super('Defender is asked too often. Wait before the next call, and ask for less or more rarely.', {
      requestId,
      retryAfterMs: retryAfterMs ?? DEFAULT_WAIT_MS,
    });
  }
}
