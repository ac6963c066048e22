import { describe, expect, it } from 'vitest';
import type { TokenSource } from '../../src/identity/TokenSource.ts';
import type { CallerVerb } from '../../src/settings/parseResponseSettings.ts';
import type { Tenant, TenantDirectory } from '../../src/tenants/Tenant.ts';
import { TenantAccess, type Asker } from '../../src/tenants/TenantAccess.ts';
import { TenantNotFound } from '../../src/tenants/TenantNotFound.ts';
import { TenantPaused } from '../../src/tenants/TenantPaused.ts';
import { TenantUntrusted } from '../../src/tenants/TenantUntrusted.ts';

const HOME = '5d1f7a2c-83be-4d0e-9c41-6b7e2f90a3d8';
const FABRIKAM = '0aa3e1d7-5c2b-4f80-9d64-1be7c2f3a590';
const PAUSED = '77c1f0d2-9e4b-4a35-8b16-d02e5a6f4c81';
const never = new AbortController().signal;

const tenant = (id: string, name: string, more: Partial<Tenant> = {}): Tenant => ({
  ...{ id, name, cloud: 'global', isEnabled: true, isHome: false, addedAt: 0, lastSuccess: undefined },
  ...more,
});
const tenants = [
  tenant(HOME, 'home', { isHome: true }),
  tenant(FABRIKAM, 'Fabrikam', { cloud: 'gcc' }),
  tenant(PAUSED, 'Northwind', { isEnabled: false }),
];

const find = (name: string | undefined): Tenant => {
  if (name === 'damaged') throw new TenantUntrusted(name, 'its row is damaged');
  const found = tenants.find(({ id, name: own, isHome }) =>
    name === undefined ? isHome : [id, own.toLowerCase()].includes(name.toLowerCase()),
  );
  if (!found) throw new TenantNotFound(name ?? '');
  return found;
};
const directory: TenantDirectory = {
  find: (name) => Promise.resolve().then(() => find(name)),
  resolve: (name) =>
    Promise.resolve().then(() => {
      const found = find(name);
      if (!found.isEnabled) throw new TenantPaused(found.name);
      return found;
    }),
  listEnabled: () => Promise.resolve(tenants.filter(({ isEnabled }) => isEnabled)),
};

/** Gives tokens that say whose they are. */
const tokensOf = (whose: string): TokenSource => ({ getToken: () => Promise.resolve(whose) });
const endpoint = (cloud: string) => ({ url: `https://${cloud}.example`, audience: cloud });

function create(
  limits: { readonly tenants?: string; readonly persons?: CallerVerb[] } = {},
  hasOnBehalfOf = true,
): TenantAccess {
  return new TenantAccess({
    tenants: directory,
    application: { tokensIn: (tenantId) => tokensOf(`app in ${tenantId}`) },
    onBehalfOf: hasOnBehalfOf ? { tokensFor: ({ token }) => tokensOf(`for ${token}`) } : undefined,
    defender: {
      endpointsOf: (cloud) => ({ endpoint: endpoint(cloud), xdr: endpoint(cloud), graph: endpoint(cloud) }),
      requestTimeoutMs: 1_000,
    },
    limits: {
      tenantsOf: new Map(limits.tenants === undefined ? [] : [['soar', [limits.tenants]]]),
      personRequiredFor: limits.persons ?? [],
    },
  });
}

const SOAR: Asker = { id: 'soar', person: undefined };
const ANNA: Asker = { id: 'anna', person: { token: 'anna', tenantId: HOME, expiresAt: 0 } };

describe('as whom Defender is called', () => {
  it.each<[string, Asker, string | undefined, string, string]>([
    ['an application at home', SOAR, undefined, `app in ${HOME}`, 'global'],
    ['an application in a tenant by id', SOAR, FABRIKAM.toUpperCase(), `app in ${FABRIKAM}`, 'gcc'],
    ['an application in a tenant by name', SOAR, 'fabrikam', `app in ${FABRIKAM}`, 'gcc'],
    ['a person at home', ANNA, undefined, 'for anna', 'global'],
    ['a person at home by id', ANNA, HOME, 'for anna', 'global'],
  ])('%s', async (_case, asker, name, token, cloud) => {
    const access = await create().open(asker, 'read', name, never);
    expect(await access.tokens.getToken('audience', never)).toBe(token);
    expect(access.kind).toBe(asker.person ? 'person' : 'application');
    expect(access.endpoints.endpoint.audience).toBe(cloud);
    expect(access.isHome).toBe(access.tenantId === HOME);
  });

  it.each<[string, Asker, string | undefined, string, number]>([
    ['an unknown tenant', SOAR, 'nobody', 'tenant_not_found', 404],
    ['a paused tenant', SOAR, 'Northwind', 'tenant_paused', 409],
    ['a person in a tenant where they did not sign in', ANNA, FABRIKAM, 'person_elsewhere', 403],
  ])('refuses %s', async (_case, asker, name, code, httpStatus) => {
    await expect(create().open(asker, 'isolate', name, never)).rejects.toMatchObject({ code, httpStatus });
  });

  it('refuses people where nothing can be done on their behalf, and never acts as the app instead', async () => {
    const opening = create({}, false).open(ANNA, 'read', undefined, never);
    await expect(opening).rejects.toMatchObject({ code: 'on_behalf_of_off', httpStatus: 403 });
  });

  it('refuses applications what only people may ask for', async () => {
    const access = create({ persons: ['isolate'] });
    await expect(access.open(SOAR, 'isolate', undefined, never)).rejects.toMatchObject({
      code: 'person_required',
      httpStatus: 403,
    });
    await expect(access.open(SOAR, 'release', undefined, never)).resolves.toBeDefined();
    await expect(access.open(ANNA, 'isolate', undefined, never)).resolves.toBeDefined();
  });
});

describe('a caller that is limited to tenants', () => {
  it.each<[string, string | undefined]>([
    ['the home tenant', undefined],
    ['a paused tenant', PAUSED],
    ['a tenant that does not exist', 'nobody'],
    ['a tenant whose row is damaged', 'damaged'],
  ])('is not told anything of %s', async (_case, name) => {
    const opening = create({ tenants: FABRIKAM }).open(SOAR, 'read', name, never);
    await expect(opening).rejects.toMatchObject({ code: 'tenant_not_allowed', httpStatus: 403 });
  });

  it('uses its own, and others are not limited', async () => {
    const access = create({ tenants: FABRIKAM });
    await expect(access.open(SOAR, 'read', 'Fabrikam', never)).resolves.toMatchObject({ tenantId: FABRIKAM });
    await expect(access.open({ ...SOAR, id: 'other' }, 'read', undefined, never)).resolves.toBeDefined();
    expect(access.mayUse('soar', HOME)).toBe(false);
    expect(access.mayUse('soar', FABRIKAM)).toBe(true);
    expect(access.mayUse('other', HOME)).toBe(true);
  });
});
