import { AppError } from '../runtime/AppError.ts';

/** A person can only act where they signed in: their token cannot be exchanged for one of another tenant. */
export class PersonElsewhere extends AppError {
  override readonly name = 'PersonElsewhere';
  readonly code = 'person_elsewhere';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor(tenantId: string) {
    super(
      `People act in the tenant where they signed in, which is not ${tenantId}. Let an application ask for it, or sign in there.`,
    );
  }
}
