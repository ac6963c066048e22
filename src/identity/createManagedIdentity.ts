import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';

/** The managed identity of this app, for the resources in Azure that know it. */
export function createManagedIdentity(clientId: string | undefined): TokenCredential {
  return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
}
