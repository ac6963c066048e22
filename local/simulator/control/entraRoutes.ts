import { addSecret, grantRole, removeRole } from '../entra/Directory.ts';
import type { ClientSecret, Principal } from '../entra/Principal.ts';
import { findResource, resources, type Resource } from '../entra/resources.ts';
import { secretLifetimeMs, type World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { Input, InputError } from './Input.ts';

/** Changing what Entra knows. Principals are named by client id, object id or display name. */
export function entraRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/entra/principals',
      summary: 'List applications and identities with their roles and the ids of their secrets.',
      answer: () => ({ principals: world.directory.listPrincipals().map(describe) }),
    },
    {
      method: 'POST',
      path: '/entra/roles',
      summary: 'Grant (granted: true) or remove a role of a principal on a resource.',
      answer: ({ body }) =>
        changeRole(world, new Input(body).allow('principal', 'resource', 'role', 'granted')),
    },
    {
      method: 'POST',
      path: '/entra/applications',
      summary: 'Enable or disable an application.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'enabled');
        const principal = getPrincipal(world, input);
        principal.isEnabled = input.findBoolean('enabled') ?? true;
        return describe(principal);
      },
    },
    ...secretRoutes(world),
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

function secretRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/entra/secrets',
      summary: 'Add a secret to an application; the answer holds its value, as Microsoft Graph’s does.',
      answer: ({ body }) => {
        const input = new Input(body).allow('principal', 'expiresInSeconds');
        const secret = addSecret(getPrincipal(world, input), world.clock.nowMs(), getLifetimeMs(input));
        return { ...describeSecret(secret), secretText: secret.value };
      },
    },
    {
      method: 'POST',
      path: '/entra/secrets/expire',
      summary: 'Let secrets of an application expire now: all, or the one with keyId.',
      answer: ({ body }) => {
        const { principal, chosen } = chooseSecrets(world, body);
        for (const secret of chosen) secret.expiresMs = world.clock.nowMs();
        return describe(principal);
      },
    },
    {
      method: 'POST',
      path: '/entra/secrets/revoke',
      summary: 'Remove secrets of an application: all, or the one with keyId.',
      answer: ({ body }) => {
        const { principal, chosen } = chooseSecrets(world, body);
        for (const secret of chosen) principal.secrets.splice(principal.secrets.indexOf(secret), 1);
        return describe(principal);
      },
    },
  ];
}

/** The lifetime of a new secret from `expiresInSeconds`, 180 days when absent. */
export function getLifetimeMs(input: Input): number {
  const seconds = input.findNumber('expiresInSeconds', { least: 0 });
  return seconds === undefined ? secretLifetimeMs : seconds * 1000;
}

/** The principal that the input names; the application with the secret when it names none. */
export function getPrincipal(world: World, input: Input): Principal {
  const name = input.findString('principal');
  if (name === undefined) return world.application;
  const principal = world.directory.findPrincipal(name);
  if (principal === undefined)
    throw new NotFoundError(`There is no principal ${name}; GET /entra/principals lists them.`);
  return principal;
}

function chooseSecrets(world: World, body: unknown): { principal: Principal; chosen: ClientSecret[] } {
  const input = new Input(body).allow('principal', 'keyId');
  const principal = getPrincipal(world, input);
  const keyId = input.findString('keyId');
  const chosen = principal.secrets.filter((one) => keyId === undefined || one.keyId === keyId);
  if (chosen.length === 0)
    throw new NotFoundError('There is no such secret; GET /entra/principals lists them.');
  return { principal, chosen };
}

function changeRole(world: World, input: Input): unknown {
  const principal = getPrincipal(world, input);
  const resource = getResource(input.getString('resource'));
  const role = input.getString('role');
  if (input.findBoolean('granted') ?? true) grantRole(principal, resource, role);
  else if (!removeRole(principal, resource, role))
    throw new InputError(`${principal.displayName} does not hold ${role}.`);
  return describe(principal);
}

/** By display name or by any name a token can be asked for. */
function getResource(name: string): Resource {
  const resource = resources.find((one) => one.displayName === name) ?? findResource(name);
  if (resource === undefined) throw new InputError(`There is no resource ${name}.`);
  return resource;
}

function describe(principal: Principal): unknown {
  const { kind, appId, objectId, displayName, isEnabled, secrets, grants } = principal;
  const roles = resources.map(
    ({ displayName: name, appId: id }) => [name, [...(grants.get(id) ?? [])].sort()] as const,
  );
  return {
    displayName,
    kind,
    appId,
    objectId,
    isEnabled,
    roles: Object.fromEntries(roles.filter(([, granted]) => granted.length > 0)),
    secrets: secrets.map(describeSecret),
  };
}

function describeSecret({ keyId, createdMs, expiresMs }: ClientSecret): Record<string, string> {
  return {
    keyId,
    startDateTime: new Date(createdMs).toISOString(),
    endDateTime: new Date(expiresMs).toISOString(),
  };
}
