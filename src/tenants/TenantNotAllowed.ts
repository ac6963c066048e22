import { AppError } from '../runtime/AppError.ts';

/** The caller is limited to other tenants. Whether this one exists is not said. */
export class TenantNotAllowed extends AppError {
  override readonly name = 'TenantNotAllowed';
  readonly code = 'tenant_not_allowed';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor(callerId: string) {
    super(`The caller ${callerId} may not use this tenant. CALLER_TENANTS says which ones it may use.`);
  }
}
