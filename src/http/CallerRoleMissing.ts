import { AppError } from '../runtime/AppError.ts';

/** The caller is known, but lacks the app role for this call. */
export class CallerRoleMissing extends AppError {
  override readonly name = 'CallerRoleMissing';
  readonly code = 'caller_role_missing';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor(callerId: string, needed: readonly string[]) {
    super(
      `The caller ${callerId} lacks the app role ${needed.join(' or ')}. Assign it to the caller in the enterprise application of this API.`,
    );
  }
}
