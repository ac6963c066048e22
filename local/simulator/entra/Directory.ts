import { createHash } from 'node:crypto';
import type { Person } from './people.ts';
import type { Principal, Registration, Tenant } from './Principal.ts';
import { resources, type Resource } from './resources.ts';

/** What a registration must say; the rest has defaults. */
export type RegistrationInit = Pick<Registration, 'appId' | 'displayName' | 'homeTenantId'> &
  Partial<Pick<Registration, 'isMultiTenant' | 'isPublicClient' | 'redirectUris' | 'requiredAccess'>>;

/** The tenants, people, registrations and service principals that Entra knows: one directory for all clouds. */
export class Directory {
  readonly #tenants = new Map<string, Tenant>();
  readonly #domains = new Map<string, Tenant>();
  readonly #registrations = new Map<string, Registration>();
  /** By tenant id and appId. */
  readonly #principals = new Map<string, Principal>();
  /** By tenant id. */
  readonly #people = new Map<string, Person[]>();

  /** Throws a RangeError when the id or the domain is taken. */
  addTenant(init: Omit<Tenant, 'missingResources'>): Tenant {
    if (this.findTenant(init.id) !== undefined || this.findTenant(init.domain) !== undefined)
      throw new RangeError(`There is a tenant ${init.id} or ${init.domain} already.`);
    const tenant = { ...init, missingResources: new Set<string>() };
    this.#tenants.set(tenant.id, tenant);
    this.#domains.set(tenant.domain, tenant);
    return tenant;
  }

  /** Registers an application; it exists in no tenant until it is added there. */
  register(init: RegistrationInit): Registration {
    const registration: Registration = {
      isMultiTenant: false,
      isPublicClient: false,
      redirectUris: [],
      requiredAccess: [],
      ...init,
      secrets: [],
      certificates: [],
      federatedCredentials: [],
    };
    this.#registrations.set(registration.appId, registration);
    return registration;
  }

  /** Gives a registration a service principal in a tenant. */
  addPrincipal(
    registration: Registration,
    init: Pick<Principal, 'kind' | 'tenantId'> & { readonly objectId?: string },
  ): Principal {
    const { appId, displayName } = registration;
    const principal: Principal = {
      objectId: toObjectId(`${init.tenantId} ${appId}`),
      ...init,
      appId,
      displayName,
      isEnabled: true,
      registration,
      grants: new Map(),
      delegatedGrants: new Map(),
    };
    this.#principals.set(`${init.tenantId} ${appId}`, principal);
    return principal;
  }

  /** Removes an application from a tenant, with everything that was granted to it there; false when it was not there. */
  removePrincipal({ tenantId, appId }: Principal): boolean {
    return this.#principals.delete(`${tenantId} ${appId}`);
  }

  addPerson(tenantId: string, person: Person): Person {
    this.#people.set(tenantId, [...this.listPeople(tenantId), person]);
    return person;
  }

  /** By id or domain name. */
  findTenant(name: string): Tenant | undefined {
    const wanted = name.toLowerCase();
    return this.#tenants.get(wanted) ?? this.#domains.get(wanted);
  }

  listTenants(): readonly Tenant[] {
    return [...this.#tenants.values()];
  }

  findRegistration(appId: string): Registration | undefined {
    return this.#registrations.get(appId.toLowerCase());
  }

  findByAppId(tenantId: string, appId: string): Principal | undefined {
    return this.#principals.get(`${tenantId} ${appId.toLowerCase()}`);
  }

  /** By client id, object id or display name; in the tenant given, otherwise wherever it was added first. */
  findPrincipal(name: string, tenantId?: string): Principal | undefined {
    for (const one of this.#principals.values()) {
      if (tenantId !== undefined && one.tenantId !== tenantId) continue;
      if ([one.appId, one.objectId, one.displayName].includes(name)) return one;
    }
    return undefined;
  }

  listPrincipals(tenantId?: string): readonly Principal[] {
    const all = [...this.#principals.values()];
    return tenantId === undefined ? all : all.filter((one) => one.tenantId === tenantId);
  }

  listPeople(tenantId: string): readonly Person[] {
    return this.#people.get(tenantId) ?? [];
  }

  /** By object id or user principal name. */
  findPerson(tenantId: string, name: string): Person | undefined {
    const wanted = name.toLowerCase();
    return this.listPeople(tenantId).find((one) => [one.objectId, one.userPrincipalName].includes(wanted));
  }
}

/** The same id for the same text: ids do not change from start to start. */
export function toObjectId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Grants an application role; throws a RangeError when the resource does not define it. */
export function grantRole(principal: Principal, resource: Resource, role: string): void {
  if (!resource.appRoles.includes(role)) {
    throw new RangeError(`${resource.displayName} has no application role ${role}.`);
  }
  addTo(principal.grants, resource, role);
}

/** Removes an application role; false when it was not granted. */
export function removeRole(principal: Principal, resource: Resource, role: string): boolean {
  return principal.grants.get(resource.appId)?.delete(role) ?? false;
}

/** The granted application roles on a resource, in alphabetical order. */
export function listRoles(principal: Principal, resource: Resource): readonly string[] {
  return [...(principal.grants.get(resource.appId) ?? [])].sort();
}

/** Grants a delegated permission for everybody in the tenant; throws a RangeError when the resource does not define it. */
export function grantScope(principal: Principal, resource: Resource, scope: string): void {
  if (!resource.delegatedScopes.includes(scope)) {
    throw new RangeError(`${resource.displayName} has no delegated permission ${scope}.`);
  }
  addTo(principal.delegatedGrants, resource, scope);
}

/** Removes a delegated permission; false when it was not granted. */
export function removeScope(principal: Principal, resource: Resource, scope: string): boolean {
  return principal.delegatedGrants.get(resource.appId)?.delete(scope) ?? false;
}

/** The granted delegated permissions on a resource, in alphabetical order. */
export function listScopes(principal: Principal, resource: Resource): readonly string[] {
  return [...(principal.delegatedGrants.get(resource.appId) ?? [])].sort();
}

/** Grants what the registration asks for, leaving out resources that the tenant does not have. */
export function grantRequiredAccess(principal: Principal, tenant: Tenant): void {
  for (const { resourceAppId, roles, scopes } of principal.registration.requiredAccess) {
    const resource = resources.find((one) => one.appId === resourceAppId);
    if (resource === undefined || tenant.missingResources.has(resourceAppId)) continue;
    for (const role of roles) grantRole(principal, resource, role);
    for (const scope of scopes) grantScope(principal, resource, scope);
  }
}

function addTo(grants: Map<string, Set<string>>, { appId }: Resource, permission: string): void {
  grants.set(appId, (grants.get(appId) ?? new Set<string>()).add(permission));
}
