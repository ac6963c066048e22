import type { Principal, Tenant } from '../entra/Principal.ts';
import { findUser } from '../entra/callers.ts';
import type { Person } from '../entra/people.ts';
import { findResource, resources, type Resource } from '../entra/resources.ts';
import type { World } from '../World.ts';
import { NotFoundError } from './ControlRoute.ts';
import { InputError, type Input } from './Input.ts';

/** The tenant that `tenant` names by id or domain; the company's when it names none. */
export function getTenant({ directory, company }: World, input: Input): Tenant {
  const name = input.findString('tenant') ?? company.tenantId;
  const tenant = directory.findTenant(name);
  if (tenant === undefined)
    throw new NotFoundError(`There is no tenant ${name}; GET /entra/tenants lists them.`);
  return tenant;
}

/**
 * The principal that `principal` names by client id, object id or display name, in the tenant that `tenant` names if any; the
 * Defender application when it names none.
 */
export function getPrincipal(world: World, input: Input): Principal {
  const name = input.findString('principal') ?? world.application.appId;
  const tenantId = input.has('tenant') ? getTenant(world, input).id : undefined;
  const principal = world.directory.findPrincipal(name, tenantId);
  if (principal === undefined)
    throw new NotFoundError(`There is no principal ${name}; GET /entra/principals lists them.`);
  return principal;
}

/** By display name or by any name a token can be asked for. */
export function getResource(name: string): Resource {
  const resource = resources.find((one) => one.displayName === name) ?? findResource(name);
  if (resource === undefined) throw new InputError(`There is no resource ${name}.`);
  return resource;
}

/** By user principal name, object id, or in the company's tenant by persona. */
export function getPerson({ directory, callers, company }: World, tenantId: string, name: string): Person {
  const employee = tenantId === company.tenantId ? findUser(callers, name) : undefined;
  const person = employee ?? directory.findPerson(tenantId, name);
  if (person === undefined)
    throw new NotFoundError(`There is no person ${name}; GET /entra/people lists them.`);
  return person;
}
