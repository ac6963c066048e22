import { randomBytes, randomUUID } from 'node:crypto';
import type { ClientSecret, Principal, Tenant } from './Principal.ts';
import type { Resource } from './resources.ts';

/** The tenants and principals that Entra knows. */
export class Directory {
  readonly #tenants: Tenant[] = [];
  readonly #principals: Principal[] = [];

  addTenant(tenant: Tenant): Tenant {
    this.#tenants.push(tenant);
    return tenant;
  }

  addPrincipal(init: Pick<Principal, 'kind' | 'tenantId' | 'objectId' | 'appId' | 'displayName'>): Principal {
    const principal = { ...init, isEnabled: true, secrets: [], grants: new Map<string, Set<string>>() };
    this.#principals.push(principal);
    return principal;
  }

  /** By id or domain name. */
  findTenant(name: string): Tenant | undefined {
    const wanted = name.toLowerCase();
    return this.#tenants.find((tenant) => tenant.id === wanted || tenant.domain === wanted);
  }

  findByAppId(tenantId: string, appId: string): Principal | undefined {
    const wanted = appId.toLowerCase();
    return this.#principals.find((one) => one.tenantId === tenantId && one.appId === wanted);
  }

  /** By client id, object id or display name. */
  findPrincipal(name: string): Principal | undefined {
    return this.#principals.find((one) => [one.appId, one.objectId, one.displayName].includes(name));
  }

  listPrincipals(): readonly Principal[] {
    return this.#principals;
  }
}

/** Grants an application role; throws a RangeError when the resource does not define it. */
export function grantRole(principal: Principal, resource: Resource, role: string): void {
  if (!resource.appRoles.includes(role)) {
    throw new RangeError(`${resource.displayName} has no application role ${role}.`);
  }
  const roles = principal.grants.get(resource.appId) ?? new Set<string>();
  principal.grants.set(resource.appId, roles.add(role));
}

/** Removes an application role; false when it was not granted. */
export function removeRole(principal: Principal, resource: Resource, role: string): boolean {
  return principal.grants.get(resource.appId)?.delete(role) ?? false;
}

/** The granted application roles on a resource, in alphabetical order. */
export function listRoles(principal: Principal, resource: Resource): readonly string[] {
  return [...(principal.grants.get(resource.appId) ?? [])].sort();
}

/** Makes a client secret in the shape of Entra's: 40 printable characters. */
export function addSecret(principal: Principal, nowMs: number, lifetimeMs: number): ClientSecret {
  const value = randomBytes(60).toString('base64').replace(/[+/=]/g, '').slice(0, 37);
  const secret = {
    keyId: randomUUID(),
    value: `${value.slice(0, 3)}8Q~${value.slice(3)}`,
    createdMs: nowMs,
    expiresMs: nowMs + lifetimeMs,
  };
  principal.secrets.push(secret);
  return secret;
}
