import { AppError } from '../runtime/AppError.ts';

/** The access to this tenant is being checked already; checking twice at a time would only use up quotas. */
export class AccessCheckRunning extends AppError {
  override readonly name = 'AccessCheckRunning';
  readonly code = 'access_check_running';
  readonly retryable = true;
  override readonly httpStatus = 429;

  constructor(tenant: string) {
    super(`The access to the tenant '${tenant}' is being checked already. Ask again when that is over.`, {
      retryAfterMs: 10_000,
    });
  }
}
