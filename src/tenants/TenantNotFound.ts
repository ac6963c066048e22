import { AppError } from '../runtime/AppError.ts';

/** No tenant has this id or name. */
export class TenantNotFound extends AppError {
  override readonly name = 'TenantNotFound';
  readonly code = 'tenant_not_found';
  readonly retryable = false;
  override readonly httpStatus = 404;

  constructor(tenant: string) {
    super(
      `There is no tenant '${tenant}'. npm run tenants -- list shows those that there are, npm run tenants -- add adds one.`,
    );
  }
}
