import { AppError } from '../runtime/AppError.ts';

/** The caller brought no token, or none that holds. What exactly is wrong is said, as it is no secret. */
export class CallerUnauthenticated extends AppError {
  override readonly name = 'CallerUnauthenticated';
  readonly code = 'caller_unauthenticated';
  readonly retryable = false;
  override readonly httpStatus = 401;
  /** True when there was no token at all. */
  readonly isTokenMissing: boolean;

  constructor(why: string, { isTokenMissing = false }: { isTokenMissing?: boolean } = {}) {
    super(
      `The caller cannot be told: ${why}. Send a token of Entra for this API as 'Authorization: Bearer'.`,
    );
    this.isTokenMissing = isTokenMissing;
  }
}
