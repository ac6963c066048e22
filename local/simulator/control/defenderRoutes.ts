import type { Estate } from '../company/Estate.ts';
import {
  defenderPermissions,
  type DefenderPermission,
  type DeviceGroups,
} from '../defender/roles/DefenderRoles.ts';
import { findUser } from '../entra/callers.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { findEstate } from './findEstate.ts';
import { Input, InputError } from './Input.ts';

/** What people may do and see in Defender. */
export function defenderRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/defender/roles',
      summary: 'List the people who have a role in Defender, with permissions and device groups.',
      answer: (call) => describe(world, findEstate(world, call)),
    },
    {
      method: 'POST',
      path: '/defender/roles',
      summary: 'Give a user a role: permissions, and deviceGroups (all, or a list of names or ids).',
      answer: (call) => {
        const estate = findEstate(world, call);
        const input = new Input(call.body).allow('tenant', 'user', 'permissions', 'deviceGroups');
        const objectId = getObjectId(world, estate, input.getString('user'));
        const permissions = parsePermissions(input.raw('permissions'));
        estate.roles.set(objectId, { permissions, deviceGroups: parseGroups(input.raw('deviceGroups')) });
        return describe(world, estate);
      },
    },
    {
      method: 'DELETE',
      path: '/defender/roles/{id}',
      summary: 'Take the role from a user.',
      answer: (call) => {
        const estate = findEstate(world, call);
        if (!estate.roles.remove(getObjectId(world, estate, call.id)))
          throw new NotFoundError(`The user ${call.id} has no role in Defender.`);
      },
    },
  ];
}

/** By persona in the home tenant, by user principal name, or by any object id. */
function getObjectId({ callers, directory, estates }: World, estate: Estate, name: string): string {
  const { tenantId, users } = estate.company;
  const persona = estate === estates.home ? findUser(callers, name) : undefined;
  const known =
    persona ??
    directory.findPerson(tenantId, name) ??
    users.find(({ userPrincipalName }) => userPrincipalName === name.toLowerCase());
  if (known !== undefined) return known.objectId;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) return name.toLowerCase();
  throw new InputError(`There is no user '${name}' in the tenant ${tenantId}.`);
}

function parsePermissions(value: unknown): readonly DefenderPermission[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  const permissions = given.map((one) => defenderPermissions.find((permission) => permission === one));
  if (permissions.every((one) => one !== undefined)) return permissions;
  throw new InputError(`'permissions' must be a list of: ${defenderPermissions.join(', ')}.`);
}

function parseGroups(value: unknown): DeviceGroups {
  if (value === undefined || value === 'all') return 'all';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number'))
    return value.map(String);
  throw new InputError("'deviceGroups' must be 'all' or a list of names or ids.");
}

function describe({ directory }: World, { roles, company }: Estate): unknown {
  return {
    roles: roles.list().map(([objectId, role]) => {
      const user =
        directory.findPerson(company.tenantId, objectId) ??
        company.users.find((one) => one.objectId === objectId);
      return { user: user?.userPrincipalName ?? null, objectId, ...role };
    }),
  };
}
