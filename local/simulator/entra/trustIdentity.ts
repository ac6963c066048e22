import { issuerOfVersion2 } from './callerClaims.ts';
import type { Cloud } from './clouds.ts';
import { addFederatedCredential, type FederatedCredential } from './credentials.ts';
import type { Principal } from './Principal.ts';
import { tokenExchange } from './resources.ts';

/** The one audience that a federated credential for an identity can have in a cloud. */
export function exchangeAudienceOf(cloud: Cloud): string {
  return tokenExchange.servicePrincipalNames[cloud].join();
}

/**
 * Lets an application prove itself with the tokens of a user-assigned identity of its own tenant. Throws a RangeError for any
 * other kind of principal: system-assigned identities are not supported.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export function trustIdentity(
  application: Principal,
  identity: Principal,
  { entraUrl, cloud, name = identity.displayName }: { entraUrl: string; cloud: Cloud; name?: string },
): FederatedCredential {
  if (identity.kind !== 'userAssignedIdentity')
    throw new RangeError(
      `${identity.displayName} is no user-assigned identity; no other can be a federated credential.`,
    );
  return addFederatedCredential(application.registration, {
    name,
    issuer: issuerOfVersion2(entraUrl, identity.tenantId),
    subject: identity.objectId,
    audience: exchangeAudienceOf(cloud),
  });
}
