import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defenderScope, startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

/** Asks the token endpoint without an SDK; a value of null leaves the parameter out. */
async function askToken(
  change: Record<string, string | null>,
  tenant = simulator.company.tenantId,
): Promise<Reply> {
  const form: Record<string, string | null> = {
    grant_type: 'client_credentials',
    client_id: simulator.company.defenderClientId,
    client_secret: await simulator.readSecret(),
    scope: defenderScope,
    ...change,
  };
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== null);
  return simulator.fetch(`${simulator.urls.entra}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(given),
  });
}

describe('Entra token endpoint', () => {
  it.each(['tenantId', 'tenantDomain'] as const)(
    'gives ClientSecretCredential a token when the tenant is named by its %s',
    async (name) => {
      const { tenantId, defenderClientId } = simulator.company;
      const credential = simulator.signIn(await simulator.readSecret(), simulator.company[name]);
      const { token, expiresOnTimestamp } = await credential.getToken(defenderScope);
      expect(decodeJwt(token)).toMatchObject({
        aud: 'https://api.securitycenter.microsoft.com',
        iss: `https://sts.windows.net/${tenantId}/`,
        appid: defenderClientId,
        tid: tenantId,
        roles: ['AdvancedQuery.Read.All', 'Alert.Read.All', 'Machine.Isolate', 'Machine.Read.All'],
        ver: '1.0',
      });
      expect(expiresOnTimestamp - Date.now()).toBeGreaterThan(3_500_000);
    },
  );

  it('signs tokens with a published key', async () => {
    const { entra } = simulator.urls;
    const { json } = await simulator.fetch(
      `${entra}/${simulator.company.tenantId}/v2.0/.well-known/openid-configuration`,
    );
    const keys = createRemoteJWKSet(new URL(String(json.jwks_uri)));
    const { protectedHeader } = await jwtVerify(await simulator.getToken(), keys);
    expect(protectedHeader.alg).toBe('RS256');
  });

  it('takes the credential as HTTP Basic (v2-oauth2-client-creds-grant-flow)', async () => {
    const secret = await simulator.readSecret();
    const basic = Buffer.from(`${simulator.company.defenderClientId}:${encodeURIComponent(secret)}`);
    const reply = await simulator.fetch(
      `${simulator.urls.entra}/${simulator.company.tenantId}/oauth2/v2.0/token`,
      {
        method: 'POST',
        headers: { authorization: `Basic ${basic.toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: defenderScope }),
      },
    );
    expect(reply.status).toBe(200);
  });

  it('leaves the roles claim out when none is granted for the resource', async () => {
    const claims = decodeJwt(await simulator.getToken('https://storage.azure.com/.default'));
    expect(claims.aud).toBe('https://storage.azure.com');
    expect(claims).not.toHaveProperty('roles');
  });

  it('keeps a trailing slash of the resource in the audience', async () => {
    const { json } = await askToken({ scope: 'https://vault.azure.net//.default' });
    expect(decodeJwt(String(json.access_token)).aud).toBe('https://vault.azure.net/');
  });

  it('gives tokens of the lifetime that control sets', async () => {
    await simulator.control('POST', '/entra/token-lifetime', { seconds: 600 });
    const { json } = await askToken({});
    await simulator.control('POST', '/entra/token-lifetime', { seconds: 3599 });
    const { exp = 0, iat = 0 } = decodeJwt(String(json.access_token));
    expect([json.expires_in, exp - iat]).toEqual([600, 600]);
  });

  // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
  it.each([
    ['a missing grant_type', { grant_type: null }, 400, 'invalid_request', 900144],
    ['a missing client_id', { client_id: null }, 400, 'invalid_request', 900144],
    ['a missing scope', { scope: null }, 400, 'invalid_request', 900144],
    ['a missing client_secret', { client_secret: null }, 401, 'invalid_client', 7000216],
    ['an unknown grant type', { grant_type: 'magic' }, 400, 'unsupported_grant_type', 70003],
    [
      'an unknown application',
      { client_id: '11111111-2222-3333-4444-555555555555' },
      400,
      'unauthorized_client',
      700016,
    ],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    [
      'a scope without /.default',
      { scope: 'https://api.securitycenter.microsoft.com' },
      400,
      'invalid_scope',
      70011,
    ],
    [
      'a resource that has no principal',
      { scope: 'https://nothing.example/.default' },
      400,
      'invalid_resource',
      500011,
    ],
  ])('refuses %s (reference-error-codes)', async (_case, change, status, error, code) => {
    const reply = await askToken(change);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ error, error_codes: [code] });
    expect(Object.keys(reply.json).sort()).toEqual([
      'correlation_id',
      'error',
      'error_codes',
      'error_description',
      'error_uri',
      'timestamp',
      'trace_id',
    ]);
    expect(reply.json.error_description).toMatch(
      new RegExp(`^AADSTS${code}: .+ Trace ID: \\S+ Correlation ID: \\S+ Timestamp: \\S+ \\S+Z$`),
    );
  });

  it('refuses an unknown tenant, at discovery too (reference-error-codes)', async () => {
    const reply = await askToken({}, 'nowhere.example');
    expect(reply.json).toMatchObject({ error: 'invalid_request', error_codes: [90002] });
    const discovery = await simulator.fetch(
      `${simulator.urls.entra}/nowhere.example/v2.0/.well-known/openid-configuration`,
    );
    expect(discovery.status).toBe(400);
    expect(discovery.json).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] });
  });

  it('tells an SDK of an expired secret by 401 invalid_client with 7000222 (reference-error-codes)', async () => {
    const { keyId, secretText } = await simulator.control('POST', '/entra/secrets');
    const credential = simulator.signIn(String(secretText));
    await simulator.control('POST', '/entra/secrets/expire', { keyId });
    await expect(credential.getToken(defenderScope)).rejects.toMatchObject({
      cause: { errorCode: 'invalid_client', errorNo: 7000222, status: 401 },
    });
  });

  it('does not know a revoked secret any more, while the other secrets still work', async () => {
    const { keyId, secretText } = await simulator.control('POST', '/entra/secrets');
    await simulator.control('POST', '/entra/secrets/revoke', { keyId });
    expect((await askToken({ client_secret: String(secretText) })).json.error_codes).toEqual([7000215]);
    expect((await askToken({})).status).toBe(200);
  });

  it('lets a secret end by the simulated clock', async () => {
    const { secretText } = await simulator.control('POST', '/entra/secrets', { expiresInSeconds: 60 });
    const change = { client_secret: String(secretText) };
    expect((await askToken(change)).status).toBe(200);
    await simulator.control('POST', '/clock', { advanceSeconds: 61 });
    expect((await askToken(change)).json.error_codes).toEqual([7000222]);
    await simulator.control('POST', '/clock', { reset: true });
  });

  it('refuses a disabled application (reference-error-codes)', async () => {
    await simulator.control('POST', '/entra/applications', { enabled: false });
    const reply = await askToken({});
    await simulator.control('POST', '/entra/applications', { enabled: true });
    expect(reply.json).toMatchObject({ error: 'unauthorized_client', error_codes: [7000112] });
  });

  it.each([
    ['the authorization code grant', { grant_type: 'authorization_code' }],
    ['the password grant', { grant_type: 'password' }],
    [
      'SAML assertions',
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        requested_token_use: 'on_behalf_of',
        requested_token_type: 'urn:ietf:params:oauth:token-type:saml2',
      },
    ],
  ])('answers 501 to %s, which is documented and not simulated', async (_case, change) => {
    const reply = await askToken(change);
    expect([reply.status, reply.json.error]).toEqual([501, 'not_simulated']);
  });

  it('makes tokens of a retired signing key useless', async () => {
    const token = await simulator.getToken();
    await simulator.control('POST', '/entra/signing-keys/rotate');
    expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(200);
    await simulator.control('POST', '/entra/signing-keys/rotate', { retirePrevious: true });
    expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(401);
  });
});
