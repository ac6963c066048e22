import { AppError } from '../runtime/AppError.ts';
import type { Tenant } from './Tenant.ts';
import { isTenantId } from './TenantRecord.ts';

/** A person can only act where they signed in: their token cannot be exchanged for one of another tenant. */
export class PersonElsewhere extends AppError {
  override readonly name = 'PersonElsewhere';
  readonly code = 'person_elsewhere';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor({ id, name }: Pick<Tenant, 'id' | 'name'>) {
    const next = isTenantId(id)
      ? 'Let an application ask for it, or sign in there.'
      : 'It is known by its domain name here, which no token can be compared with: set DEFENDER_TENANT_ID to its GUID.';
    super(`People act in the tenant where they signed in, which is not ${name}. ${next}`);
  }
}
