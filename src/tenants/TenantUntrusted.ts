import { AppError } from '../runtime/AppError.ts';

/** What is stored about a tenant cannot be right. Nothing is done in that tenant; the others go on. */
export class TenantUntrusted extends AppError {
  override readonly name = 'TenantUntrusted';
  readonly code = 'tenant_untrusted';
  readonly retryable = false;

  constructor(tenant: string, why: string) {
    super(
      `What is stored about the tenant '${tenant}' cannot be trusted: ${why}. Nothing is done there. ` +
        'npm run tenants -- list shows the row; remove it and add the tenant again.',
    );
  }
}
