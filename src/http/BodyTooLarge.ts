import { AppError } from '../runtime/AppError.ts';

/** The body is larger than any request of this API needs to be. */
export class BodyTooLarge extends AppError {
  override readonly name = 'BodyTooLarge';
  readonly code = 'body_too_large';
  readonly retryable = false;
  override readonly httpStatus = 413;

  constructor(maxBytes: number) {
    super(`The body is larger than ${maxBytes} bytes. Send less.`);
  }
}
