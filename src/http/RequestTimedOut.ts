import { AppError } from '../runtime/AppError.ts';

/** The request took longer than a caller waits. What was accepted goes on by itself. */
export class RequestTimedOut extends AppError {
  override readonly name = 'RequestTimedOut';
  readonly code = 'request_timed_out';
  readonly retryable = true;
  override readonly httpStatus = 503;

  constructor() {
    super('The request took too long. Send it again with the same key: what was accepted is not done twice.');
  }
}
