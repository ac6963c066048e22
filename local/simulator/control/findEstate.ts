import type { Estate } from '../company/Estate.ts';
import type { World } from '../World.ts';
import { InputError } from './Input.ts';

/** A control call, as far as it can name a tenant. */
export interface TenantCall {
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of the tenant with this name: an id, or a domain that Entra knows. Throws `InputError`. */
export function parseTenantId({ directory }: World, name: string): string {
  const id = directory.findTenant(name)?.id ?? name.toLowerCase();
  if (guid.test(id)) return id;
  throw new InputError(`'tenant' must be the id of a tenant, or the domain of one that Entra knows.`);
}

/** The estate that a control call is about: of `tenant` in its body or its query, otherwise of the home tenant. Throws `InputError`. */
export function findEstate(world: World, { query, body }: TenantCall): Estate {
  const inBody = typeof body === 'object' && body !== null && 'tenant' in body ? body.tenant : undefined;
  const name = inBody ?? query.get('tenant') ?? undefined;
  if (name === undefined) return world.estates.home;
  if (typeof name !== 'string') throw new InputError("'tenant' must be a string.");
  return world.estates.of(parseTenantId(world, name));
}
