import { AppError } from '../runtime/AppError.ts';

/** Alerts or incidents were asked for by a word that none of them can have. */
export class ReadFilterInvalid extends AppError {
  override readonly name = 'ReadFilterInvalid';
  readonly code = 'read_filter_invalid';
  readonly retryable = false;
  override readonly httpStatus = 400;

  constructor(filter: 'status' | 'severity', allowed: readonly string[]) {
    super(`The ${filter} must be one of ${allowed.join(', ')}.`);
  }
}
