import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let client: SecretClient;
beforeAll(async () => {
  simulator = await startTestSimulator();
  client = new SecretClient(simulator.urls.keyVault, new ManagedIdentityCredential(), {
    disableChallengeResourceVerification: true,
  });
});
afterAll(() => simulator.stop());

async function ask(where: string, scope = 'https://vault.azure.net/.default'): Promise<Reply> {
  const { token } = await new ManagedIdentityCredential().getToken(scope);
  return simulator.fetch(`${simulator.urls.keyVault}${where}`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
describe('Key Vault', () => {
  it('gives SecretClient the current version, and an older one by its version', async () => {
    const { version: first } = await simulator.control('POST', '/keyvault/secrets/two-versions', {
      value: 'one',
    });
    const { version: second } = await simulator.control('POST', '/keyvault/secrets/two-versions', {
      value: 'two',
      expiresAt: '2030-01-01T00:00:00Z',
      contentType: 'text/plain',
      tags: { owner: 'test' },
    });
    const current = await client.getSecret('two-versions');
    expect(current).toMatchObject({
      value: 'two',
      properties: {
        version: second,
        enabled: true,
        contentType: 'text/plain',
        tags: { owner: 'test' },
        expiresOn: new Date('2030-01-01T00:00:00Z'),
      },
    });
    expect((await client.getSecret('two-versions', { version: String(first) })).value).toBe('one');
  });

  it('answers with and without a trailing slash', async () => {
    const { version } = await simulator.control('POST', '/keyvault/secrets/slashes', { value: 'x' });
    for (const where of [
      'slashes',
      'slashes/',
      `slashes/${String(version)}`,
      `slashes/${String(version)}/`,
    ]) {
      expect((await ask(`/secrets/${where}?api-version=7.6`)).json.value).toBe('x');
    }
  });

  it('challenges a request without token (authentication-requests-and-responses)', async () => {
    const reply = await simulator.fetch(`${simulator.urls.keyVault}/secrets/any?api-version=7.6`);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe(
      `Bearer authorization="${simulator.urls.entra}/${simulator.company.tenantId}", resource="https://vault.azure.net"`,
    );
    expect(reply.json).toMatchObject({ error: { code: 'Unauthorized' } });
  });

  it('refuses a token for another audience (authentication-requests-and-responses)', async () => {
    const reply = await ask('/secrets/any?api-version=7.6', 'https://graph.microsoft.com/.default');
    expect(reply.status).toBe(401);
  });

  it('refuses a token that has expired by its clock', async () => {
    const { token } = await new ManagedIdentityCredential().getToken('https://vault.azure.net/.default');
    await simulator.control('POST', '/clock', { advanceSeconds: 25 * 3600 });
    const reply = await simulator.fetch(`${simulator.urls.keyVault}/secrets/any?api-version=7.6`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await simulator.control('POST', '/clock', { reset: true });
    expect([reply.status, reply.text]).toEqual([401, expect.stringContaining('expired')]);
  });

  it('refuses a principal without the role by 403 ForbiddenByRbac (rest-error-codes)', async () => {
    await simulator.control('POST', '/keyvault/readers', { principal: 'defender-functions', granted: false });
    await expect(client.getSecret(simulator.company.secretName)).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
    });
    const reply = await ask(`/secrets/${simulator.company.secretName}?api-version=7.6`);
    expect(reply.json).toMatchObject({ error: { innererror: { code: 'ForbiddenByRbac' } } });
    await simulator.control('POST', '/keyvault/readers', { principal: 'defender-functions', granted: true });
  });

  it('refuses an unknown secret or version by 404 SecretNotFound (rest-error-codes)', async () => {
    await expect(client.getSecret('missing')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
    await simulator.control('POST', '/keyvault/secrets/known', { value: 'x' });
    const reply = await ask(`/secrets/known/${'0'.repeat(32)}?api-version=7.6`);
    expect(reply.json).toMatchObject({ error: { code: 'SecretNotFound' } });
  });

  it('refuses the current version when it is disabled, also when an older one is enabled', async () => {
    await simulator.control('POST', '/keyvault/secrets/paused', { value: 'old' });
    await simulator.control('POST', '/keyvault/secrets/paused', { value: 'new', enabled: false });
    const reply = await ask('/secrets/paused?api-version=7.6');
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({
      error: { code: 'Forbidden', innererror: { code: 'SecretDisabled' } },
    });
    await simulator.control('PATCH', '/keyvault/secrets/paused', { enabled: true });
    expect((await ask('/secrets/paused?api-version=7.6')).json.value).toBe('new');
  });

  it.each([
    ['a missing api-version', '/secrets/any', 400],
    ['an unknown api-version', '/secrets/any?api-version=1.0', 400],
    ['keys, which are not simulated', '/keys/any?api-version=7.6', 501],
    ['listing, which is not simulated', '/secrets?api-version=7.6', 501],
    ['an unknown path', '/nothing', 404],
  ])('refuses %s', async (_case, where, status) => {
    expect((await ask(where)).status).toBe(status);
  });

  it('rotates the application secret in Entra and in the vault with one control call', async () => {
    const before = await simulator.readSecret();
    await simulator.control('POST', '/secret/rotate');
    const after = await simulator.readSecret();
    expect(after).not.toBe(before);
    const scope = 'https://vault.azure.net/.default';
    await expect(simulator.signIn(before).getToken(scope)).resolves.toBeDefined(); // Both work until the old one ends.
    await simulator.control('POST', '/secret/rotate', { revokeOld: true });
    await expect(simulator.signIn(after).getToken(scope)).rejects.toThrow('AADSTS7000215');
    await expect(simulator.signIn(await simulator.readSecret()).getToken(scope)).resolves.toBeDefined();
  });
});

// https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
describe('Key Vault for those who set secrets', () => {
  beforeAll(() => simulator.control('POST', '/keyvault/officers', { principal: 'defender-functions' }));
  afterAll(() =>
    simulator.control('POST', '/keyvault/officers', { principal: 'defender-functions', granted: false }),
  );

  it('takes a new version from SecretClient, with its expiry, type and tags', async () => {
    const expiresOn = new Date('2030-01-01T00:00:00Z');
    await client.setSecret('made', 'one', { expiresOn, contentType: 'text/plain', tags: { keyId: '1' } });
    expect(await client.getSecret('made')).toMatchObject({
      value: 'one',
      properties: { expiresOn, contentType: 'text/plain', tags: { keyId: '1' } },
    });
  });

  it('lists all versions over its pages, without a value, disabled ones included', async () => {
    for (let index = 0; index < 60; index += 1) await client.setSecret('many', `value-${index}`);
    const versions = await listVersions('many');
    expect(versions).toHaveLength(60);
    const [first] = versions;
    await client.updateSecretProperties('many', first?.version ?? '', { enabled: false });
    const [disabled, ...others] = await listVersions('many');
    expect([disabled?.enabled, others.every(({ enabled }) => enabled === true)]).toEqual([false, true]);
    const reply = await ask('/secrets/many/versions?api-version=7.6');
    expect(reply.text).not.toContain('value-');
  });

  it.each([
    ['a body without value', 'PUT', '/secrets/x', '{}', 400],
    ['a name with a dot', 'PUT', '/secrets/a.b', '{"value":"x"}', 400],
    ['a value beyond 25 KB', 'PUT', '/secrets/x', JSON.stringify({ value: 'x'.repeat(25_601) }), 400],
    ['what is not JSON', 'PUT', '/secrets/x', 'value', 400],
    ['nbf, which is not simulated', 'PUT', '/secrets/x', '{"value":"x","attributes":{"nbf":1}}', 501],
    ['deleting, which is not simulated', 'DELETE', '/secrets/x', undefined, 501],
  ])('refuses %s', async (_case, method, where, body, status) => {
    expect((await send(method, where, body)).status).toBe(status);
  });

  it('refuses by 403 whoever may only read', async () => {
    await simulator.control('POST', '/keyvault/officers', {
      principal: 'defender-functions',
      granted: false,
    });
    const reply = await send('PUT', '/secrets/made', '{"value":"two"}');
    expect(reply.json).toMatchObject({ error: { innererror: { code: 'ForbiddenByRbac' } } });
    expect((await client.getSecret('made')).value).toBe('one');
    await simulator.control('POST', '/keyvault/officers', { principal: 'defender-functions' });
  });

  async function listVersions(name: string) {
    const versions = [];
    for await (const properties of client.listPropertiesOfSecretVersions(name)) versions.push(properties);
    return versions;
  }

  async function send(method: string, where: string, body: string | undefined): Promise<Reply> {
    const { token } = await new ManagedIdentityCredential().getToken('https://vault.azure.net/.default');
    return simulator.fetch(`${simulator.urls.keyVault}${where}?api-version=7.6`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
  }
});
