import { ManagedIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defenderScope, startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

const documented = { 'api-version': '2019-08-01', resource: 'https://api.securitycenter.microsoft.com' };

/** The roles that every principal starts with. */
const granted = ['AdvancedQuery.Read.All', 'Alert.Read.All', 'Machine.Isolate', 'Machine.Read.All'];

/** Asks without an SDK. */
function ask(query: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
  return simulator.fetch(`${simulator.urls.identity}?${new URLSearchParams(query).toString()}`, {
    headers: { 'X-IDENTITY-HEADER': simulator.identityHeader, ...headers },
  });
}

// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
describe('Managed identity endpoint', () => {
  it('gives ManagedIdentityCredential a token of the system-assigned identity for 24 hours', async () => {
    const { token, expiresOnTimestamp } = await new ManagedIdentityCredential().getToken(defenderScope);
    const { oid, roles } = decodeJwt(token);
    expect([oid, roles]).toEqual([simulator.company.systemAssignedPrincipalId, granted]);
    expect(expiresOnTimestamp - Date.now()).toBeGreaterThan(23 * 3_600_000);
  });

  it('gives ManagedIdentityCredential a token of the user-assigned identity when its client id is given', async () => {
    const clientId = simulator.company.userAssignedClientId;
    const { token } = await new ManagedIdentityCredential({ clientId }).getToken(defenderScope);
    expect(decodeJwt(token).appid).toBe(clientId);
  });

  it.each(['https://vault.azure.net', 'https://vault.azure.net/'])(
    'echoes the resource %s',
    async (resource) => {
      const { json } = await ask({ ...documented, resource });
      expect(json).toMatchObject({ resource, token_type: 'Bearer' });
      expect(json.expires_on).toMatch(/^\d{10}$/);
      expect(decodeJwt(String(json.access_token)).aud).toBe(resource);
    },
  );

  it('hides a new role until its cache is dropped', async () => {
    const read = async (): Promise<unknown> =>
      decodeJwt(String((await ask(documented)).json.access_token)).roles;
    expect(await read()).toEqual(granted);
    const grant = {
      principal: 'defender-functions',
      resource: 'WindowsDefenderATP',
      role: 'Machine.Scan',
    };
    await simulator.control('POST', '/entra/roles', grant);
    expect(await read()).toEqual(granted);
    await simulator.control('DELETE', '/identity/cache');
    expect(await read()).toEqual([...granted, 'Machine.Scan']);
    await simulator.control('POST', '/entra/roles', { ...grant, granted: false });
    await simulator.control('DELETE', '/identity/cache');
  });

  it('renews a cached token shortly before it ends', async () => {
    const first = await ask(documented);
    await simulator.control('POST', '/clock', { advanceSeconds: 23 * 3600 });
    expect((await ask(documented)).text).toBe(first.text);
    await simulator.control('POST', '/clock', { advanceSeconds: 3500 });
    expect((await ask(documented)).text).not.toBe(first.text);
    await simulator.control('POST', '/clock', { reset: true });
    await simulator.control('DELETE', '/identity/cache');
  });

  it.each([
    ['a wrong X-IDENTITY-HEADER', documented, { 'X-IDENTITY-HEADER': 'wrong' }, 401],
    ['a missing resource', { 'api-version': '2019-08-01' }, {}, 400],
    ['a missing api-version', { resource: documented.resource }, {}, 400],
    ['an unknown api-version', { ...documented, 'api-version': '2030-01-01' }, {}, 400],
    ['an unknown client_id', { ...documented, client_id: '11111111-2222-3333-4444-555555555555' }, {}, 400],
    ['two ids at once', { ...documented, client_id: 'a', principal_id: 'b' }, {}, 400],
    ['an unknown resource', { ...documented, resource: 'https://nothing.example' }, {}, 400],
    ['the older protocol', { ...documented, 'api-version': '2017-09-01' }, {}, 501],
  ])('refuses %s (rest-endpoint-reference)', async (_case, query, headers, status) => {
    const reply = await ask(query, headers);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ statusCode: status });
  });

  it('refuses a request without X-IDENTITY-HEADER (rest-endpoint-reference)', async () => {
    const reply = await simulator.fetch(
      `${simulator.urls.identity}?${new URLSearchParams(documented).toString()}`,
    );
    expect(reply.status).toBe(401);
  });
});
