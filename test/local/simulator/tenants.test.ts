import { ClientSecretCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../local/simulator/entra/clouds.ts';
import { parseArguments } from '../../../local/simulator/parseArguments.ts';
import { defenderScope, startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let secret: string;
beforeAll(async () => {
  simulator = await startTestSimulator();
  secret = await simulator.readSecret();
});
afterAll(() => simulator.stop());

interface TenantRecord {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
  readonly cloud: Cloud;
}

async function addTenants(order: Record<string, unknown>): Promise<readonly TenantRecord[]> {
  return (await simulator.control('POST', '/entra/tenants', order)).tenants as TenantRecord[];
}

async function addTenant(order: Record<string, unknown>): Promise<TenantRecord> {
  const [tenant] = await addTenants(order);
  if (tenant === undefined) throw new Error('No tenant was added.');
  return tenant;
}

/** Asks for a token of the Defender application in a tenant. */
function ask(tenant: string, change: Record<string, string> = {}): Promise<Reply> {
  return simulator.fetch(`${simulator.urls.entra}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: simulator.company.defenderClientId,
      client_secret: secret,
      scope: defenderScope,
      ...change,
    }),
  });
}

async function rolesIn(tenant: string, scope = defenderScope): Promise<unknown> {
  return decodeJwt(String((await ask(tenant, { scope })).json.access_token)).roles;
}

// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
describe('A multi-tenant application', () => {
  it('is not found in a tenant that has not consented: AADSTS700016', async () => {
    const { id } = await addTenant({ domain: 'fabrikam.example' });
    const { status, json } = await ask(id);
    expect([status, json.error, json.error_codes]).toEqual([400, 'unauthorized_client', [700016]]);
  });

  it('gets a token of the tenant after its consent, through ClientSecretCredential', async () => {
    const { id } = await addTenant({ consent: true });
    const credential = new ClientSecretCredential(id, simulator.company.defenderClientId, secret, {
      authorityHost: simulator.urls.entra,
      disableInstanceDiscovery: true,
    });
    const claims = decodeJwt((await credential.getToken(defenderScope)).token);
    expect(claims).toMatchObject({
      tid: id,
      iss: `https://sts.windows.net/${id}/`,
      roles: ['AdvancedQuery.Read.All', 'Alert.Read.All', 'Machine.Isolate', 'Machine.Read.All'],
    });
    // The service principal is the tenant's own.
    const home = decodeJwt(String((await ask(simulator.company.tenantId)).json.access_token));
    expect([claims.appid, claims.oid === home.oid]).toEqual([home.appid, false]);
  });

  it('has the roles that the tenant granted, and in no other tenant', async () => {
    const { id } = await addTenant({ roles: { WindowsDefenderATP: ['Alert.Read.All'] } });
    expect(await rolesIn(id)).toEqual(['Alert.Read.All']);
    expect(await rolesIn(id, 'https://graph.microsoft.com/.default')).toBeUndefined();
    const change = { tenant: id, resource: 'WindowsDefenderATP', role: 'Alert.Read.All', granted: false };
    await simulator.control('POST', '/entra/roles', change);
    expect(await rolesIn(id)).toBeUndefined();
    expect(await rolesIn(simulator.company.tenantId)).toContain('Alert.Read.All');
  });

  it('is gone when the tenant takes its consent back, and there again after a new one', async () => {
    const { id, domain } = await addTenant({ consent: true });
    await simulator.control('POST', '/entra/consents', { tenant: id, granted: false });
    expect((await ask(domain)).json.error_codes).toEqual([700016]);
    await simulator.control('POST', '/entra/consents', { tenant: id });
    expect((await ask(domain)).status).toBe(200);
  });

  it('stays in its home tenant without consent, and holds nothing there', async () => {
    await simulator.control('POST', '/entra/consents', { granted: false });
    expect(await rolesIn(simulator.company.tenantId)).toBeUndefined();
    await simulator.control('POST', '/entra/consents', {});
    expect(await rolesIn(simulator.company.tenantId)).toHaveLength(4);
  });

  it('can be disabled in one tenant alone', async () => {
    const { id } = await addTenant({ consent: true });
    await simulator.control('POST', '/entra/applications', { tenant: id, enabled: false });
    expect((await ask(id)).json.error_codes).toEqual([7000112]);
    expect((await ask(simulator.company.tenantId)).status).toBe(200);
  });

  it('is the only kind that other tenants can consent to', async () => {
    const { id } = await addTenant({});
    const { secretText } = await simulator.control('POST', '/entra/secrets', { principal: 'reports' });
    const change = {
      client_id: simulator.company.callerClientIds.reports,
      client_secret: String(secretText),
    };
    expect((await ask(id, change)).json.error_codes).toEqual([700016]);
    const { status } = await simulator.tryControl('POST', '/entra/consents', {
      tenant: id,
      principal: 'reports',
    });
    expect(status).toBe(400);
  });

  it('gets no token for a resource that the tenant never bought: AADSTS500011', async () => {
    const { id } = await addTenant({ consent: true });
    const resource = { tenant: id, resource: 'WindowsDefenderATP' };
    await simulator.control('POST', '/entra/resources', { ...resource, present: false });
    const { status, json } = await ask(id);
    expect([status, json.error, json.error_codes]).toEqual([400, 'invalid_resource', [500011]]);
    await simulator.control('POST', '/entra/resources', resource);
    expect((await ask(id)).status).toBe(200);
  });

  it('finds 500 tenants that were added in well under two seconds', async () => {
    const started = performance.now();
    const added = await addTenants({ count: 500, consent: true });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(new Set(added.map(({ id }) => id)).size).toBe(500);
    expect((await ask(added.at(-1)?.id ?? '')).status).toBe(200);
    const { principals } = await simulator.control(
      'GET',
      `/entra/principals?tenant=${added[0]?.domain ?? ''}`,
    );
    expect(principals).toHaveLength(1);
  });

  it('cannot be let into a tenant twice with one id', async () => {
    const { id } = await addTenant({});
    expect((await simulator.tryControl('POST', '/entra/tenants', { id })).status).toBe(400);
  });
});

describe('The functions’ own API', () => {
  it('is not known in another tenant', async () => {
    const { id } = await addTenant({ consent: true });
    const { json } = await ask(id, { scope: `${simulator.company.apiAudience}/.default` });
    expect(json.error_codes).toEqual([500011]);
  });
});

// https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
describe('The admin consent endpoint', () => {
  /** Opens the link and returns where it leads, with its parameters. */
  async function open(tenant: string, path: string, query: Record<string, string>) {
    const url = `${simulator.urls.entra}/${tenant}/${path}?${new URLSearchParams(query).toString()}`;
    const answer = await fetch(url, { redirect: 'manual' });
    const location = answer.headers.get('location');
    const target = location === null ? undefined : new URL(location);
    return {
      status: answer.status,
      text: await answer.text(),
      target: target === undefined ? '' : `${target.origin}${target.pathname}`,
      parameters: Object.fromEntries(target?.searchParams ?? []),
    };
  }

  const link = (change: Record<string, string> = {}) => ({
    client_id: simulator.company.defenderClientId,
    redirect_uri: 'http://localhost:7071/api/consent',
    state: 'a b&c',
    ...change,
  });

  it.each([
    ['adminconsent', {}],
    ['v2.0/adminconsent', { scope: 'https://graph.microsoft.com/.default' }],
  ])('%s lets the application in and returns with the state', async (path, change) => {
    const { id, domain } = await addTenant({});
    expect(await open(domain, path, link(change))).toMatchObject({
      status: 302,
      target: 'http://localhost:7071/api/consent',
      parameters: { admin_consent: 'True', tenant: id, state: 'a b&c', ...change },
    });
    expect(await rolesIn(id)).toHaveLength(4);
    expect(await rolesIn(id, 'https://graph.microsoft.com/.default')).toHaveLength(3);
  });

  it.each(['access_denied', 'permission_denied', 'consent_required'])(
    'returns with %s when the administrator declines, and changes nothing',
    async (error) => {
      const { id } = await addTenant({});
      await simulator.control('POST', '/entra/admin-consent', { tenant: id, decision: 'decline', error });
      const { status, parameters } = await open(id, 'adminconsent', link());
      expect([status, parameters.error, parameters.state]).toEqual([302, error, 'a b&c']);
      expect(parameters.error_description).toBeTruthy();
      expect(parameters).not.toHaveProperty('tenant');
      expect((await ask(id)).json.error_codes).toEqual([700016]);
    },
  );

  it.each([
    [
      'a redirect URI that is not registered',
      { redirect_uri: 'https://evil.example/api/consent' },
      'AADSTS50011',
    ],
    ['a path that is not registered', { redirect_uri: 'http://localhost:7071/api/other' }, 'AADSTS50011'],
    ['an application that nobody knows', { client_id: crypto.randomUUID() }, 'AADSTS700016'],
    ['no redirect URI', { redirect_uri: '' }, 'AADSTS900144'],
  ])('shows %s to the administrator and redirects nowhere', async (_case, change, code) => {
    const { id } = await addTenant({});
    const { status, text, target } = await open(id, 'adminconsent', link(change));
    expect([status, target]).toEqual([400, '']);
    expect(text).toContain(code);
  });

  it('goes to a redirect URI that was registered meanwhile', async () => {
    const { id } = await addTenant({});
    const redirectUri = 'https://functions.example/api/consent';
    await simulator.control('POST', '/entra/redirect-uris', { redirectUri });
    expect((await open(id, 'adminconsent', link({ redirect_uri: redirectUri }))).target).toBe(redirectUri);
    await simulator.control('POST', '/entra/redirect-uris', { redirectUri, registered: false });
    expect((await open(id, 'adminconsent', link({ redirect_uri: redirectUri }))).status).toBe(400);
  });

  it('does not let a single-tenant application into another tenant', async () => {
    const { id } = await addTenant({});
    const { status, text } = await open(
      id,
      'adminconsent',
      link({ client_id: simulator.company.apiClientId }),
    );
    expect([status, text.includes('AADSTS700016')]).toEqual([400, true]);
  });
});

// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
describe('Clouds', () => {
  it('do not serve each other’s tenants: AADSTS90038, and GCC is part of the global one', async () => {
    for (const cloud of ['gccHigh', 'dod']) {
      const { id } = await addTenant({ cloud, consent: true });
      expect((await ask(id)).json).toMatchObject({ error: 'invalid_request', error_codes: [90038] });
    }
    const { id } = await addTenant({ cloud: 'gcc', consent: true });
    const scope = 'https://api-gcc.securitycenter.microsoft.us/.default';
    expect(await rolesIn(id, scope)).toHaveLength(4);
    expect((await ask(id)).json.error_codes).toEqual([500011]);
    expect(await rolesIn(id, 'https://graph.microsoft.com/.default')).toHaveLength(3);
  });

  it('do not know each other’s resources: AADSTS500011', async () => {
    for (const resource of [
      'https://api-gcc.securitycenter.microsoft.us',
      'https://api-gov.securitycenter.microsoft.us',
      'https://api-gov.security.microsoft.us',
      'https://graph.microsoft.us',
      'https://vault.usgovcloudapi.net',
    ]) {
      const { json } = await ask(simulator.company.tenantId, { scope: `${resource}/.default` });
      expect([resource, json.error_codes]).toEqual([resource, [500011]]);
    }
  });
});

describe('The program', () => {
  it('takes the cloud from --cloud, and no other word', () => {
    expect(parseArguments(['--cloud', 'dod'])).toMatchObject({ cloud: 'dod' });
    expect(() => parseArguments(['--cloud', 'china'])).toThrow('--cloud knows global, gcc, gccHigh, dod');
  });
});

describe.each(['gccHigh', 'dod'] as const)('A simulator of the cloud %s', (cloud) => {
  let government: TestSimulator;
  beforeAll(async () => {
    government = await startTestSimulator({ cloud });
  });
  afterAll(() => government.stop());

  it('has the names of that cloud, for the vault and for federated credentials too', async () => {
    const { company, urls } = government;
    expect([company.cloud, company.exchangeAudience]).toEqual([cloud, 'api://AzureADTokenExchangeUSGov']);
    // Without the SDK: it keeps identity tokens for the whole process, and there are two simulators in it.
    const askIdentity = (resource: string) => {
      const query = { 'api-version': '2019-08-01', resource, client_id: company.userAssignedClientId };
      const headers = { 'x-identity-header': government.identityHeader };
      return government.fetch(`${urls.identity}?${new URLSearchParams(query).toString()}`, { headers });
    };
    const proof = String((await askIdentity(company.exchangeAudience)).json.access_token);
    const graph = cloud === 'dod' ? 'https://dod-graph.microsoft.us' : 'https://graph.microsoft.us';
    for (const resource of ['https://api-gov.securitycenter.microsoft.us', graph]) {
      const { status } = await government.fetch(`${urls.entra}/${company.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: company.defenderClientId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: proof,
          scope: `${resource}/.default`,
        }),
      });
      expect([resource, status]).toEqual([resource, 200]);
    }
    const challenge = await government.fetch(`${urls.keyVault}/secrets/any?api-version=7.6`);
    expect(challenge.headers.get('www-authenticate')).toContain('resource="https://vault.usgovcloudapi.net"');
    expect((await askIdentity('https://graph.microsoft.com')).status).toBe(400);
  });
});
