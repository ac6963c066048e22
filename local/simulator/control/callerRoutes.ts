import type { JWTPayload } from 'jose';
import {
  callerApi,
  callerApiAudience,
  callerRoles,
  callerScope,
  toTokenVersion,
  type RequestedTokenVersion,
} from '../entra/callerApi.ts';
import { createCallerClaims, type CallerSubject } from '../entra/callerClaims.ts';
import { findUser } from '../entra/callers.ts';
import { listRoles } from '../entra/Directory.ts';
import { callerSignatures, signCallerToken } from '../entra/signCallerToken.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { Input, InputError } from './Input.ts';

/** Tokens for the functions' own API, good ones and forged ones. `entraUrl` is where Entra is reached. */
export function callerRoutes(world: World, entraUrl: () => string): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/entra/callers',
      summary: 'Show the functions’ own API and who is assigned to it.',
      answer: () => describe(world),
    },
    {
      method: 'POST',
      path: '/entra/caller-api',
      summary: 'Set requestedAccessTokenVersion of the functions’ own API: 2, 1 or null.',
      answer: ({ body }) => {
        const input = new Input(body).allow('requestedAccessTokenVersion');
        world.tokenEndpoint.requestedAccessTokenVersion = getRequestedVersion(input);
        return describe(world);
      },
    },
    {
      method: 'POST',
      path: '/entra/caller-tokens',
      summary: 'Make a token for the functions’ own API, also one that Entra would not give.',
      answer: ({ body }) => createToken(world, entraUrl(), body),
    },
  ];
}

async function createToken(
  world: World,
  entraUrl: string,
  body: unknown,
): Promise<{ token: string; expiresAt: string | null }> {
  const input = new Input(body).allow(...properties);
  const { clock, requestedAccessTokenVersion, keys, tokenLifetimeSeconds } = world.tokenEndpoint;
  const version = getVersion(input) ?? toTokenVersion(requestedAccessTokenVersion);
  const { subject, roles } = getSubject(world, input);
  const now = Math.floor(clock.nowMs() / 1000);
  const usual = createCallerClaims({
    version,
    entraUrl,
    tenantId: input.findString('tenantId') ?? world.company.tenantId,
    audience: callerApiAudience,
    subject,
    roles: findRoles(input) ?? roles,
    issuedAtSeconds: now,
    lifetimeSeconds: input.findNumber('expiresInSeconds') ?? tokenLifetimeSeconds,
  });
  const claims = changeClaims({ ...usual, ...findChanges(input, now) }, input);
  if (input.findBoolean('multifactor') === true)
    world.tokenEndpoint.multifactorTokens.add(String(claims.uti));
  const signature = input.findOneOf('sign', callerSignatures);
  const token = await signCallerToken(keys, {
    claims,
    version,
    ...(signature === undefined ? {} : { signature }),
    ...(input.has('kid') ? { kid: input.raw('kid') === null ? null : input.getString('kid') } : {}),
  });
  const { exp } = claims;
  return { token, expiresAt: typeof exp === 'number' ? new Date(exp * 1000).toISOString() : null };
}

const properties = [
  'application',
  'user',
  'multifactor',
  'version',
  'roles',
  'scp',
  'audience',
  'issuer',
  'tenantId',
  'expiresInSeconds',
  'notBeforeInSeconds',
  'claims',
  'sign',
  'kid',
];

/** An application, a person, or a person who uses an application. */
function getSubject(world: World, input: Input): { subject: CallerSubject; roles: readonly string[] } {
  const applicationName = input.findString('application');
  const userName = input.findString('user');
  const principal =
    applicationName === undefined ? undefined : world.directory.findPrincipal(applicationName);
  if (applicationName !== undefined && principal === undefined)
    throw new NotFoundError(`There is no application ${applicationName}; GET /entra/principals lists them.`);
  if (userName === undefined) {
    if (principal === undefined) throw new InputError("One of 'application' and 'user' must be given.");
    return { subject: { kind: 'application', principal }, roles: listRoles(principal, callerApi) };
  }
  const user = findUser(world.callers, userName);
  if (user === undefined)
    throw new NotFoundError(`There is no person ${userName}; GET /entra/callers lists some.`);
  return {
    subject: {
      kind: 'user',
      user,
      scope: callerScope,
      hasMultifactor: input.findBoolean('multifactor') ?? false,
      ...(principal === undefined ? {} : { client: principal }),
    },
    roles: user.roles,
  };
}

/** What the input says in place of the usual claims. */
function findChanges(input: Input, nowSeconds: number): JWTPayload {
  const notBefore = input.findNumber('notBeforeInSeconds');
  const changes = {
    aud: input.findString('audience'),
    iss: input.findString('issuer'),
    scp: input.findString('scp'),
    nbf: notBefore === undefined ? undefined : nowSeconds + notBefore,
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** `claims` has the last word; null takes a claim away. */
function changeClaims(claims: JWTPayload, input: Input): JWTPayload {
  const changes = input.findObject('claims');
  const changed = { ...claims };
  for (const name of changes?.names() ?? []) changed[name] = changes?.raw(name);
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== null));
}

function findRoles(input: Input): readonly string[] | undefined {
  return input.has('roles') ? input.getStringList('roles') : undefined;
}

function getVersion(input: Input): 1 | 2 | undefined {
  const version = input.findNumber('version', { least: 1, most: 2, isWhole: true });
  return version === undefined ? undefined : version === 1 ? 1 : 2;
}

function getRequestedVersion(input: Input): RequestedTokenVersion {
  const version = input.raw('requestedAccessTokenVersion');
  if (version === 1 || version === 2 || version === null) return version;
  throw new InputError("'requestedAccessTokenVersion' in the body must be 2, 1 or null.");
}

function describe({ callers, company, tokenEndpoint }: World): unknown {
  return {
    api: {
      appId: callerApi.appId,
      displayName: callerApi.displayName,
      identifierUri: callerApiAudience,
      tenantId: company.tenantId,
      appRoles: callerRoles,
      scope: callerScope,
      requestedAccessTokenVersion: tokenEndpoint.requestedAccessTokenVersion,
    },
    applications: Object.values(callers.applications).map((principal) => ({
      displayName: principal.displayName,
      appId: principal.appId,
      roles: listRoles(principal, callerApi),
    })),
    users: callers.users
      .filter(({ persona }) => persona !== undefined)
      .map(({ persona, objectId, userPrincipalName, roles }) => ({
        persona,
        objectId,
        userPrincipalName,
        roles,
      })),
  };
}
