import { consentErrors } from '../entra/AdminConsents.ts';
import { clouds } from '../entra/clouds.ts';
import { grantRequiredAccess, grantRole, toObjectId } from '../entra/Directory.ts';
import type { Principal, Tenant } from '../entra/Principal.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { describePrincipal } from './describePrincipal.ts';
import { getPrincipal, getResource, getTenant } from './getPrincipal.ts';
import { Input, InputError } from './Input.ts';

/** Tenants, and what they consent to. */
export function tenantRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/entra/tenants',
      summary: 'List the tenants.',
      answer: () => ({ tenants: world.directory.listTenants().map(describeTenant) }),
    },
    {
      method: 'POST',
      path: '/entra/tenants',
      summary: 'Add a tenant, or count of them, of a cloud; consent: true lets the Defender application in.',
      answer: ({ body }) => ({ tenants: addTenants(world, new Input(body)).map(describeTenant) }),
    },
    {
      method: 'POST',
      path: '/entra/consents',
      summary: 'Let a tenant consent to an application (granted: true) or take its consent back.',
      answer: ({ body }) => changeConsent(world, new Input(body)),
    },
    {
      method: 'POST',
      path: '/entra/admin-consent',
      summary:
        'Decide what the administrator of a tenant does at the admin consent endpoint: grant or decline.',
      answer: ({ body }) => {
        const input = new Input(body).allow('tenant', 'decision', 'error');
        const { id } = getTenant(world, input);
        const kind = input.findOneOf('decision', ['grant', 'decline']) ?? 'grant';
        const error = input.findOneOf('error', consentErrors) ?? 'access_denied';
        world.tokenEndpoint.adminConsents.set(id, kind === 'grant' ? { kind } : { kind, error });
        return { tenant: id, decision: kind };
      },
    },
    {
      method: 'POST',
      path: '/entra/resources',
      summary: 'Give a tenant a resource (present: true), or take it away, as if nobody had bought it.',
      answer: ({ body }) => {
        const input = new Input(body).allow('tenant', 'resource', 'present');
        const tenant = getTenant(world, input);
        const { appId } = getResource(input.getString('resource'));
        if (input.findBoolean('present') ?? true) tenant.missingResources.delete(appId);
        else tenant.missingResources.add(appId);
        return describeTenant(tenant);
      },
    },
  ];
}

const mostTenantsAtOnce = 10_000;

function addTenants(world: World, input: Input): readonly Tenant[] {
  input.allow('count', 'id', 'domain', 'displayName', 'cloud', 'consent', 'roles');
  const count = input.findNumber('count', { least: 1, most: mostTenantsAtOnce, isWhole: true });
  const cloud = input.findOneOf('cloud', clouds) ?? world.tokenEndpoint.cloud;
  const hasConsent = input.findBoolean('consent') ?? input.has('roles');
  const first = world.directory.listTenants().length;
  const names = Array.from({ length: count ?? 1 }, (_value, index) =>
    toNames(first + index, count === undefined ? input : undefined),
  );
  return names.map((name) => {
    const tenant = world.directory.addTenant({ ...name, cloud });
    if (hasConsent) consent(world.application, tenant, world, input);
    return tenant;
  });
}

/** The same names in the same order, start after start. */
function toNames(number: number, input: Input | undefined): Pick<Tenant, 'id' | 'domain' | 'displayName'> {
  const id = input?.findString('id')?.toLowerCase() ?? toObjectId(`tenant ${number}`);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new InputError("'id' in the body must be a GUID.");
  return {
    id,
    domain: input?.findString('domain')?.toLowerCase() ?? `customer${number}.example`,
    displayName: input?.findString('displayName') ?? `Customer ${number}`,
  };
}

function changeConsent(world: World, input: Input): unknown {
  input.allow('tenant', 'principal', 'granted', 'roles');
  const tenant = getTenant(world, input);
  const name = input.findString('principal') ?? world.application.appId;
  const application = world.directory.findPrincipal(name);
  if (application === undefined) throw new InputError(`There is no principal ${name}.`);
  if (input.findBoolean('granted') ?? true)
    return describePrincipal(consent(application, tenant, world, input));
  const principal = getPrincipal(
    world,
    input.has('tenant') ? input : new Input({ principal: name, tenant: tenant.id }),
  );
  principal.grants.clear();
  principal.delegatedGrants.clear();
  // In its home tenant an application stays registered, whatever was granted to it.
  if (principal.registration.homeTenantId !== tenant.id) world.directory.removePrincipal(principal);
  return describePrincipal(principal);
}

/** With `roles`, an object of lists by resource, exactly these; otherwise all that the registration asks for. */
function consent({ registration }: Principal, tenant: Tenant, { directory }: World, input: Input): Principal {
  const isHome = registration.homeTenantId === tenant.id;
  if (!isHome && !registration.isMultiTenant)
    throw new InputError(
      `${registration.displayName} is not multi-tenant: no other tenant can consent to it.`,
    );
  const principal =
    directory.findByAppId(tenant.id, registration.appId) ??
    directory.addPrincipal(registration, { kind: 'application', tenantId: tenant.id });
  const roles = input.findObject('roles');
  if (roles === undefined) {
    grantRequiredAccess(principal, tenant);
    return principal;
  }
  principal.grants.clear();
  for (const name of roles.names()) {
    for (const role of roles.getStringList(name)) grantRole(principal, getResource(name), role);
  }
  return principal;
}

function describeTenant({
  id,
  domain,
  displayName,
  cloud,
  missingResources,
}: Tenant): Record<string, unknown> {
  return { id, domain, displayName, cloud, missingResources: [...missingResources] };
}
