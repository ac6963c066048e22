import { accessDemands } from '../entra/ConditionalAccess.ts';
import type { DeviceCode } from '../entra/DeviceCodes.ts';
import { grantScope, listScopes, toObjectId } from '../entra/Directory.ts';
import { parseScope } from '../entra/parseScope.ts';
import type { Person } from '../entra/people.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { getPerson, getResource, getTenant } from './getPrincipal.ts';
import { Input, InputError } from './Input.ts';

/** People: who has an account, what they answer when asked to sign in, and what policies demand of them. */
export function personRoutes(world: World): readonly ControlRoute[] {
  const { deviceCodes, conditionalAccess } = world.tokenEndpoint;
  return [
    {
      method: 'GET',
      path: '/entra/people',
      summary: 'List the people of a tenant; ?tenant= for another than the company’s.',
      answer: ({ query }) => {
        const tenant = getTenant(world, new Input(Object.fromEntries(query)).allow('tenant'));
        return { people: world.directory.listPeople(tenant.id).map(describePerson) };
      },
    },
    {
      method: 'POST',
      path: '/entra/people',
      summary: 'Add a person to a tenant.',
      answer: ({ body }) => describePerson(addPerson(world, new Input(body))),
    },
    {
      method: 'PATCH',
      path: '/entra/people/{id}',
      summary: 'Enable or disable a person; revokeSessions: true ends all refresh tokens.',
      answer: ({ id, body }) => {
        const input = new Input(body).allow('tenant', 'enabled', 'revokeSessions');
        const person = getPerson(world, getTenant(world, input).id, id);
        person.isEnabled = input.findBoolean('enabled') ?? person.isEnabled;
        if (input.findBoolean('revokeSessions') === true)
          person.sessionsValidFromMs = world.clock.nowMs() + 1;
        return describePerson(person);
      },
    },
    {
      method: 'GET',
      path: '/entra/device-codes',
      summary: 'List the device codes that were given out.',
      answer: () => ({ deviceCodes: deviceCodes.list().map(describeCode) }),
    },
    {
      method: 'POST',
      path: '/entra/device-codes',
      summary:
        'Sign in with a device code as a person, or decline; the newest open one unless userCode names one.',
      answer: ({ body }) => describeCode(answerDeviceCode(world, new Input(body))),
    },
    {
      method: 'POST',
      path: '/entra/device-codes/interval',
      summary: 'Set how many seconds clients wait between two polls.',
      answer: ({ body }) => {
        const seconds = new Input(body).allow('seconds').findNumber('seconds', { least: 0, most: 60 });
        deviceCodes.intervalSeconds = seconds ?? 5;
        return { seconds: deviceCodes.intervalSeconds };
      },
    },
    {
      method: 'GET',
      path: '/entra/conditional-access',
      summary: 'List the policies of Conditional Access.',
      answer: () => ({ policies: conditionalAccess.list() }),
    },
    {
      method: 'POST',
      path: '/entra/conditional-access',
      summary: 'Add a policy: demand multifactor, enrolment or block, of a person, for a resource.',
      answer: ({ body }) => {
        const input = new Input(body).allow('demand', 'person', 'tenant', 'resource', 'error');
        const demand = input.findOneOf('demand', accessDemands);
        if (demand === undefined) throw new InputError("'demand' is missing.");
        const person = input.findString('person');
        const resource = input.findString('resource');
        const { id: tenantId } = getTenant(world, input);
        return conditionalAccess.add({
          demand,
          error:
            input.findOneOf('error', ['interaction_required', 'invalid_grant']) ?? 'interaction_required',
          ...(person === undefined ? {} : { person: getPerson(world, tenantId, person).objectId }),
          ...(resource === undefined ? {} : { resource: getResource(resource).appId }),
        });
      },
    },
    {
      method: 'DELETE',
      path: '/entra/conditional-access',
      summary: 'Remove all policies of Conditional Access.',
      answer: () => {
        conditionalAccess.clear();
      },
    },
  ];
}

function addPerson(world: World, input: Input): Person {
  input.allow('tenant', 'userPrincipalName', 'objectId', 'givenName', 'familyName');
  const tenant = getTenant(world, input);
  const userPrincipalName = input.getString('userPrincipalName').toLowerCase();
  if (world.directory.findPerson(tenant.id, userPrincipalName) !== undefined)
    throw new InputError(`There is a person ${userPrincipalName} already.`);
  const person = {
    objectId: input.findString('objectId')?.toLowerCase() ?? toObjectId(`${tenant.id} ${userPrincipalName}`),
    userPrincipalName,
    givenName: input.findString('givenName') ?? 'Robin',
    familyName: input.findString('familyName') ?? 'Example',
    isEnabled: true,
    sessionsValidFromMs: 0,
  };
  if (tenant.id === world.company.tenantId)
    world.callers.users.push({ ...person, persona: undefined, roles: [] });
  return world.directory.addPerson(tenant.id, person);
}

/** What the page at the verification URI would do. Only with `consent` does the person grant what is missing. */
function answerDeviceCode(world: World, input: Input): DeviceCode {
  input.allow('userCode', 'person', 'decision', 'multifactor', 'consent');
  const { deviceCodes, clock } = { ...world.tokenEndpoint };
  const userCode = input.findString('userCode');
  const open = deviceCodes
    .list()
    .filter(({ state, expiresMs }) => state === 'pending' && expiresMs > clock.nowMs());
  const code =
    userCode === undefined ? open.at(-1) : open.find((one) => one.userCode === userCode.toUpperCase());
  if (code === undefined)
    throw new NotFoundError('There is no such device code to answer; GET /entra/device-codes lists them.');
  const decision = input.findOneOf('decision', ['approve', 'decline']) ?? 'approve';
  if (decision === 'approve') {
    verifyConsent(world, code, input.findBoolean('consent') ?? false);
    code.person = getPerson(world, code.tenantId, input.getString('person'));
    code.hasMultifactor = input.findBoolean('multifactor') ?? false;
  }
  code.state = decision === 'approve' ? 'approved' : 'declined';
  return code;
}

/** The page would stop here: these permissions need an administrator's consent. */
function verifyConsent({ directory, tokenEndpoint }: World, code: DeviceCode, isGiven: boolean): void {
  const tenant = directory.findTenant(code.tenantId);
  const principal = directory.findByAppId(code.tenantId, code.clientId);
  if (tenant === undefined || principal === undefined) throw new NotFoundError('The application is gone.');
  const { resource, permissions } = parseScope({ endpoint: tokenEndpoint, tenant }, code.scope);
  const { requiredAccess } = principal.registration;
  const wanted =
    permissions ?? requiredAccess.find(({ resourceAppId }) => resourceAppId === resource.appId)?.scopes ?? [];
  const consented = listScopes(principal, resource);
  const missing = wanted.filter((scope) => !consented.includes(scope));
  if (missing.length > 0 && !isGiven)
    throw new InputError(
      `AADSTS90094: an administrator must consent to ${missing.join(', ')}; 'consent': true does.`,
    );
  for (const scope of missing) grantScope(principal, resource, scope);
}

function describePerson({
  objectId,
  userPrincipalName,
  givenName,
  familyName,
  isEnabled,
}: Person): Record<string, unknown> {
  return { objectId, userPrincipalName, givenName, familyName, isEnabled };
}

function describeCode({
  userCode,
  clientId,
  tenantId,
  scope,
  state,
  person,
}: DeviceCode): Record<string, unknown> {
  return { userCode, clientId, tenantId, scope, state, person: person?.userPrincipalName ?? null };
}
