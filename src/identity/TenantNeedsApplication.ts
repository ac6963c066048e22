import { AppError } from '../runtime/AppError.ts';

/**
 * A managed identity exists in its own tenant only; other tenants can consent to an app registration alone.
 *
 * 409: the tenant is right and the caller may use it, but it does not go with how this deployment signs in.
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq
 */
export class TenantNeedsApplication extends AppError {
  override readonly name = 'TenantNeedsApplication';
  readonly code = 'tenant_needs_application';
  readonly retryable = false;
  override readonly httpStatus = 409;

  constructor(tenantId: string) {
    super(
      `Tenant ${tenantId} is not the one of the managed identity, which is known nowhere else. Set DEFENDER_CREDENTIAL to federated, clientSecret or clientCertificate, with a multi-tenant app registration to which that tenant consents.`,
    );
  }
}
