import { AppError } from '../runtime/AppError.ts';

/** The tenant is paused: nothing is done there until an operator resumes it. */
export class TenantPaused extends AppError {
  override readonly name = 'TenantPaused';
  readonly code = 'tenant_paused';
  readonly retryable = false;
  override readonly httpStatus = 409;

  constructor(tenant: string) {
    super(`The tenant '${tenant}' is paused. npm run tenants -- resume ${tenant} ends that.`);
  }
}
