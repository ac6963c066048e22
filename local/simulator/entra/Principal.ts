/** A client secret of an application. */
export interface ClientSecret {
  readonly keyId: string;
  readonly value: string;
  readonly createdMs: number;
  expiresMs: number;
}

/** The service principal of an application or of a managed identity in a tenant. */
export interface Principal {
  readonly kind: 'application' | 'systemAssignedIdentity' | 'userAssignedIdentity';
  readonly tenantId: string;
  /** `oid` in tokens. */
  readonly objectId: string;
  /** Client id. */
  readonly appId: string;
  readonly displayName: string;
  isEnabled: boolean;
  readonly secrets: ClientSecret[];
  /** Granted application roles by the resource's appId. */
  readonly grants: Map<string, Set<string>>;
}

/** A tenant; its name in a URL is the id or the domain. */
export interface Tenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
}
