import { AppError } from '../runtime/AppError.ts';

/** The caller's token holds, but its application is not on the list of those that may call. */
export class CallerNotAllowed extends AppError {
  override readonly name = 'CallerNotAllowed';
  readonly code = 'caller_not_allowed';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor(applicationId: string) {
    super(`The application ${applicationId} may not call. Add it to CALLER_ALLOWED_APPS if it should.`);
  }
}
