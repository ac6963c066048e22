import { AppError } from '../runtime/AppError.ts';

/** A key was used before, for another request. */
export class IdempotencyConflict extends AppError {
  override readonly name = 'IdempotencyConflict';
  readonly code = 'idempotency_conflict';
  readonly retryable = false;
  override readonly httpStatus = 422;

  constructor(id: string) {
    super(
      `The key belongs to the operation ${id}, which asked for something else. Use a new key for a new request.`,
    );
  }
}
