import { grantRole, grantScope, removeRole, removeScope } from '../entra/Directory.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { describePrincipal } from './describePrincipal.ts';
import { getPrincipal, getResource } from './getPrincipal.ts';
import { Input, InputError } from './Input.ts';

/**
 * Changing what Entra knows of applications and identities. Principals are named by client id, object id or display name; in
 * another tenant than the one they were added to first, with `tenant`.
 */
export function entraRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/entra/principals',
      summary: 'List applications and identities with permissions and credentials; ?tenant= narrows.',
      answer: ({ query }) => {
        const name = query.get('tenant');
        const tenantId = name === null ? undefined : (world.directory.findTenant(name)?.id ?? name);
        return { principals: world.directory.listPrincipals(tenantId).map(describePrincipal) };
      },
    },
    {
      method: 'POST',
      path: '/entra/roles',
      summary: 'Grant (granted: true) or remove a role of a principal on a resource.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'tenant', 'resource', 'role', 'granted');
        return change(world, input, input.getString('role'), { grant: grantRole, remove: removeRole });
      },
    },
    {
      method: 'POST',
      path: '/entra/scopes',
      summary:
        'Grant (granted: true) or remove a delegated permission of a principal on a resource, for everybody.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'tenant', 'resource', 'scope', 'granted');
        return change(world, input, input.getString('scope'), { grant: grantScope, remove: removeScope });
      },
    },
    {
      method: 'POST',
      path: '/entra/applications',
      summary: 'Enable or disable an application.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'tenant', 'enabled');
        const principal = getPrincipal(world, input);
        principal.isEnabled = input.findBoolean('enabled') ?? true;
        return describePrincipal(principal);
      },
    },
    {
      method: 'POST',
      path: '/entra/signing-keys/rotate',
      summary: 'Sign with a new key; retirePrevious: true makes tokens signed before invalid.',
      answer: async ({ body }) => {
        const input = new Input(body).allow('retirePrevious');
        const retirePrevious = input.findBoolean('retirePrevious') ?? false;
        return { kid: await world.tokenEndpoint.keys.rotate({ retirePrevious }) };
      },
    },
    {
      method: 'POST',
      path: '/entra/token-lifetime',
      summary: 'Set the lifetime of new tokens in seconds.',
      answer: ({ body }) => {
        const input = new Input(body).allow('seconds');
        const seconds = input.findNumber('seconds', { least: 1, most: 86_400, isWhole: true });
        if (seconds === undefined) throw new InputError("'seconds' is missing.");
        world.tokenEndpoint.tokenLifetimeSeconds = seconds;
        return { seconds };
      },
    },
    {
      method: 'DELETE',
      path: '/identity/cache',
      summary: 'Drop the tokens that the managed identity endpoint keeps.',
      answer: () => {
        world.identityCache.clear();
      },
    },
  ];
}

function change(
  world: World,
  input: Input,
  permission: string,
  { grant, remove }: { readonly grant: typeof grantRole; readonly remove: typeof removeRole },
): unknown {
  const principal = getPrincipal(world, input);
  const resource = getResource(input.getString('resource'));
  if (input.findBoolean('granted') ?? true) grant(principal, resource, permission);
  else if (!remove(principal, resource, permission))
    throw new InputError(`${principal.displayName} does not hold ${permission}.`);
  return describePrincipal(principal);
}
