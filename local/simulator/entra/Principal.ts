import type { Cloud } from './clouds.ts';
import type { Certificate, ClientSecret, FederatedCredential } from './credentials.ts';

/** What an application may ask a tenant for: the permissions that its registration lists for one resource. */
export interface RequiredAccess {
  /** The resource's appId. */
  readonly resourceAppId: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/**
 * The registration of an application in its home tenant, with all of its credentials. A managed identity has one without
 * credentials, which nobody sees in reality.
 */
export interface Registration {
  /** Client id. */
  readonly appId: string;
  readonly displayName: string;
  readonly homeTenantId: string;
  /** `signInAudience` is AzureADMultipleOrgs: other tenants can consent to it. */
  readonly isMultiTenant: boolean;
  /** `isFallbackPublicClient`: it has no credential, and people sign in with it on their own machines. */
  readonly isPublicClient: boolean;
  readonly redirectUris: string[];
  /** `requiredResourceAccess`: what an administrator's consent grants. */
  readonly requiredAccess: readonly RequiredAccess[];
  readonly secrets: ClientSecret[];
  readonly certificates: Certificate[];
  readonly federatedCredentials: FederatedCredential[];
}

/** The service principal of an application or of a managed identity in one tenant. */
export interface Principal {
  readonly kind: 'application' | 'systemAssignedIdentity' | 'userAssignedIdentity';
  readonly tenantId: string;
  /** `oid` in tokens. */
  readonly objectId: string;
  /** Client id. */
  readonly appId: string;
  readonly displayName: string;
  isEnabled: boolean;
  readonly registration: Registration;
  /** Granted application roles by the resource's appId. */
  readonly grants: Map<string, Set<string>>;
  /** Delegated permissions that the tenant's administrator granted for everybody, by the resource's appId. */
  readonly delegatedGrants: Map<string, Set<string>>;
}

/** A tenant; its name in a URL is the id or the domain. */
export interface Tenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
  readonly cloud: Cloud;
  /** The appIds of resources without a service principal here, because nobody bought them. */
  readonly missingResources: Set<string>;
}
