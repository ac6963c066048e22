import {
  ClientSecretCredential,
  DeviceCodeCredential,
  ManagedIdentityCredential,
  OnBehalfOfCredential,
} from '@azure/identity';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPfx, readVault } from './readVault.ts';
import { defenderScope, startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let apiSecret: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'people-'));
  simulator = await startTestSimulator();
  apiSecret = (await readVault(simulator, simulator.company.apiSecretName)).value;
  await simulator.control('POST', '/entra/device-codes/interval', { seconds: 0.02 });
});
afterEach(() => simulator.control('DELETE', '/entra/conditional-access'));
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const graphScope = 'https://graph.microsoft.com/.default';
const scopesOfDefender = 'AdvancedQuery.Read Alert.Read Machine.Isolate Machine.Read';

const options = () => ({
  authorityHost: simulator.urls.entra,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
});

/** Posts a form to Entra without an SDK. */
function post(
  form: Record<string, string>,
  path = 'token',
  tenant = simulator.company.tenantId,
): Promise<Reply> {
  return simulator.fetch(`${simulator.urls.entra}/${tenant}/oauth2/v2.0/${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
}

/** The token that a person's client sent to the functions. */
async function tokenOf(user: string, change: Record<string, unknown> = {}): Promise<string> {
  return String((await simulator.control('POST', '/entra/caller-tokens', { user, ...change })).token);
}

/** The exchange of a person's token, without an SDK. */
async function exchange(assertion: string, change: Record<string, string> = {}): Promise<Reply> {
  return post({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    client_id: simulator.company.apiClientId,
    client_secret: apiSecret,
    assertion,
    scope: defenderScope,
    ...change,
  });
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
describe('On behalf of a person', () => {
  it.each([1, 2])(
    'OnBehalfOfCredential exchanges a token of version %i for one of Defender',
    async (version) => {
      const { tenantId, apiClientId: clientId } = simulator.company;
      const userAssertionToken = await tokenOf('analyst', { version });
      const credential = new OnBehalfOfCredential({
        tenantId,
        clientId,
        clientSecret: apiSecret,
        userAssertionToken,
        ...options(),
      });
      const claims = decodeJwt((await credential.getToken(defenderScope)).token);
      const person = decodeJwt(userAssertionToken);
      expect(claims).toMatchObject({
        aud: 'https://api.securitycenter.microsoft.com',
        iss: `https://sts.windows.net/${tenantId}/`,
        appid: clientId,
        appidacr: '1',
        oid: person.oid,
        scp: scopesOfDefender,
        upn: expect.stringContaining('@harbourlane.example') as unknown,
      });
      for (const name of ['roles', 'idtyp']) expect(claims).not.toHaveProperty(name);
    },
  );

  it('OnBehalfOfCredential does so with a federated credential, and without any secret', async () => {
    const { tenantId, apiClientId: clientId, userAssignedClientId, exchangeAudience } = simulator.company;
    const identity = new ManagedIdentityCredential({ clientId: userAssignedClientId });
    const credential = new OnBehalfOfCredential({
      tenantId,
      clientId,
      getAssertion: async () => (await identity.getToken(`${exchangeAudience}/.default`)).token,
      userAssertionToken: await tokenOf('analyst'),
      ...options(),
    });
    expect(decodeJwt((await credential.getToken(graphScope)).token)).toMatchObject({
      aud: 'https://graph.microsoft.com',
      appidacr: '2',
      scp: 'SecurityAlert.Read.All SecurityIncident.Read.All ThreatHunting.Read.All',
    });
  });

  it.each(['pfx', 'legacyPfx'])(
    'OnBehalfOfCredential does so with the certificate of the API, from %s',
    async (format) => {
      const { tenantId, apiClientId: clientId, apiCertificateName } = simulator.company;
      await simulator.control('PATCH', `/keyvault/certificates/${apiCertificateName}`, { format });
      const { privateKey, certificate } = readPfx((await readVault(simulator, apiCertificateName)).value);
      const certificatePath = path.join(folder, `${format}.pem`);
      await writeFile(certificatePath, `${privateKey}${certificate}`);
      const userAssertionToken = await tokenOf('reader');
      const credential = new OnBehalfOfCredential({
        tenantId,
        clientId,
        certificatePath,
        userAssertionToken,
        ...options(),
      });
      expect(decodeJwt((await credential.getToken(defenderScope)).token)).toMatchObject({
        appidacr: '2',
        scp: scopesOfDefender,
      });
    },
  );

  it('gives a token for exactly the permissions that are named', async () => {
    const scope = 'https://api.security.microsoft.com/Incident.Read openid offline_access';
    const { json } = await exchange(await tokenOf('reader'), { scope });
    expect(decodeJwt(String(json.access_token)).scp).toBe('Incident.Read');
    expect(json.refresh_token).toEqual(expect.any(String));
  });

  it('is accepted by Defender as the person', async () => {
    const { json } = await exchange(await tokenOf('analyst'));
    const reply = await simulator.get('/api/alerts?$top=1', String(json.access_token));
    expect(reply.status).toBe(200);
  });

  it.each<[string, () => Promise<string>, number]>([
    ['the token of an application', () => make({ application: 'playbooks' }), 7000114],
    ['a token that has ended', () => tokenOf('analyst', { expiresInSeconds: -60 }), 500133],
    [
      'a token for another API',
      () => tokenOf('analyst', { audience: 'https://graph.microsoft.com' }),
      500131,
    ],
    ['a token of another tenant', () => tokenOf('analyst', { tenantId: crypto.randomUUID() }), 50013],
    ['a forged token', () => tokenOf('analyst', { sign: 'unpublishedKey' }), 50013],
    ['an unsigned token', () => tokenOf('analyst', { sign: 'none' }), 50013],
    ['something else', () => Promise.resolve('not a token'), 50013],
  ])('is refused with %s', async (_case, assertion, code) => {
    const { status, json } = await exchange(await assertion());
    expect([status, json.error, json.error_codes]).toEqual([400, 'invalid_grant', [code]]);
  });

  it.each<[string, Record<string, string>, string, number]>([
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client', 7000215],
    ['no secret', { client_secret: '' }, 'invalid_client', 7000218],
    ['no assertion', { assertion: '' }, 'invalid_request', 900144],
    ['no requested_token_use', { requested_token_use: '' }, 'invalid_request', 900144],
    ['two resources', { scope: `${defenderScope} ${graphScope}` }, 'invalid_scope', 700022],
    ['an unknown permission', { scope: 'https://graph.microsoft.com/Mail.Read' }, 'invalid_scope', 70011],
    ['an unknown resource', { scope: 'https://nothing.example/.default' }, 'invalid_resource', 500011],
  ])('is refused with %s', async (_case, change, error, code) => {
    const { json } = await exchange(await tokenOf('analyst'), change);
    expect([json.error, json.error_codes]).toEqual([error, [code]]);
  });

  it('is refused for another application than the one the token is for', async () => {
    const change = {
      client_id: simulator.company.defenderClientId,
      client_secret: await simulator.readSecret(),
    };
    expect((await exchange(await tokenOf('analyst'), change)).json.error_codes).toEqual([500131]);
  });

  it('needs consent for each permission: AADSTS65001 with consent_required', async () => {
    const grant = {
      principal: simulator.company.apiClientId,
      resource: 'WindowsDefenderATP',
      scope: 'Alert.Read',
    };
    await simulator.control('POST', '/entra/scopes', { ...grant, granted: false });
    const scope = 'https://api.securitycenter.microsoft.com/Alert.Read';
    const { status, json } = await exchange(await tokenOf('analyst'), { scope });
    const rest = await exchange(await tokenOf('analyst'));
    await simulator.control('POST', '/entra/scopes', grant);
    expect([status, json]).toMatchObject([
      400,
      { error: 'invalid_grant', suberror: 'consent_required', error_codes: [65001] },
    ]);
    // What is left of the consent still counts for .default.
    expect(decodeJwt(String(rest.json.access_token)).scp).toBe(
      'AdvancedQuery.Read Machine.Isolate Machine.Read',
    );
  });

  it('is refused to a person whose account is disabled', async () => {
    const assertion = await tokenOf('reader');
    await simulator.control('PATCH', '/entra/people/reader', { enabled: false });
    const { json } = await exchange(assertion);
    await simulator.control('PATCH', '/entra/people/reader', { enabled: true });
    expect(json).toMatchObject({ error: 'invalid_grant', error_codes: [50057] });
  });
});

async function make(order: Record<string, unknown>): Promise<string> {
  return String((await simulator.control('POST', '/entra/caller-tokens', order)).token);
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#error-response-example
describe('Conditional Access', () => {
  it.each([
    ['multifactor', 50076],
    ['enrolment', 50079],
    ['block', 53003],
  ])('demanding %s answers interaction_required %i with a claims challenge', async (demand, code) => {
    const policy = await simulator.control('POST', '/entra/conditional-access', {
      demand,
      person: 'analyst',
    });
    const { status, json } = await exchange(await tokenOf('analyst'));
    expect([status, json.error, json.error_codes]).toEqual([400, 'interaction_required', [code]]);
    expect(JSON.parse(String(json.claims))).toEqual({
      access_token: { capolids: { essential: true, values: [policy.id] } },
    });
    // It is about one person only.
    expect((await exchange(await tokenOf('reader'))).status).toBe(200);
  });

  it('can be for one resource, and be met by a second factor', async () => {
    const order = { demand: 'multifactor', resource: 'Microsoft Graph', error: 'invalid_grant' };
    await simulator.control('POST', '/entra/conditional-access', order);
    expect((await exchange(await tokenOf('analyst'))).status).toBe(200);
    const { json } = await exchange(await tokenOf('analyst'), { scope: graphScope });
    expect(json).toMatchObject({ error: 'invalid_grant', suberror: 'basic_action', error_codes: [50076] });
    for (const version of [1, 2]) {
      const assertion = await tokenOf('analyst', { multifactor: true, version });
      expect((await exchange(assertion, { scope: graphScope })).status).toBe(200);
    }
  });
});

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
describe('A person at a terminal', () => {
  const begin = (change: Record<string, string> = {}) =>
    post(
      {
        client_id: simulator.company.publicClientId,
        scope: `${defenderScope} openid offline_access`,
        ...change,
      },
      'devicecode',
    );
  const redeem = (deviceCode: unknown, change: Record<string, string> = {}) =>
    post({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: simulator.company.publicClientId,
      device_code: String(deviceCode),
      ...change,
    });
  const answer = (order: Record<string, unknown>) => simulator.control('POST', '/entra/device-codes', order);

  function signIn(person: string): DeviceCodeCredential {
    const { tenantId, publicClientId: clientId } = simulator.company;
    return new DeviceCodeCredential({
      tenantId,
      clientId,
      userPromptCallback: ({ userCode, message }) => {
        expect(message).toContain(userCode);
        void answer({ userCode, person });
      },
      ...options(),
    });
  }

  it('signs in through DeviceCodeCredential, once for all resources', async () => {
    const credential = signIn('analyst');
    const { token, expiresOnTimestamp } = await credential.getToken(defenderScope);
    expect(decodeJwt(token)).toMatchObject({
      appid: simulator.company.publicClientId,
      appidacr: '0',
      scp: scopesOfDefender,
    });
    expect(expiresOnTimestamp - Date.now()).toBeGreaterThan(3_500_000);
    const before = await simulator.control('GET', '/entra/device-codes');
    const graph = decodeJwt((await credential.getToken(graphScope)).token);
    const own = decodeJwt((await credential.getToken(`${simulator.company.apiAudience}/.default`)).token);
    const again = await credential.getToken(defenderScope);
    expect(graph.scp).toBe('SecurityAlert.Read.All SecurityIncident.Read.All ThreatHunting.Read.All');
    expect(own).toMatchObject({
      aud: simulator.company.apiClientId,
      scp: 'access_as_user',
      azpacr: '0',
      ver: '2.0',
    });
    expect(again.token).toBe(token);
    expect(await simulator.control('GET', '/entra/device-codes')).toEqual(before);
  });

  it('is told apart from people who are not assigned to the functions: AADSTS50105', async () => {
    await simulator.control('POST', '/entra/people', { userPrincipalName: 'robin@harbourlane.example' });
    const { json } = await begin({ scope: `${simulator.company.apiAudience}/access_as_user` });
    await answer({ person: 'robin@harbourlane.example' });
    expect((await redeem(json.device_code)).json).toMatchObject({
      error: 'invalid_grant',
      error_codes: [50105],
    });
  });

  it('gets an ID token that the published key verifies, and client_info for the account', async () => {
    const { json: code } = await begin();
    await answer({ person: 'reader', userCode: code.user_code });
    const { json } = await redeem(code.device_code, { client_info: '1' });
    const id = decodeJwt(String(json.id_token));
    const { tenantId, publicClientId } = simulator.company;
    expect(id).toMatchObject({
      aud: publicClientId,
      iss: `${simulator.urls.entra}/${tenantId}/v2.0`,
      tid: tenantId,
    });
    expect(decodeProtectedHeader(String(json.id_token)).alg).toBe('RS256');
    expect(JSON.parse(Buffer.from(String(json.client_info), 'base64url').toString())).toEqual({
      uid: id.oid,
      utid: tenantId,
    });
    expect(json.scope).toContain('https://api.securitycenter.microsoft.com/Alert.Read');
  });

  it('is waited for, then may decline', async () => {
    const { json: code } = await begin();
    expect(code).toMatchObject({
      expires_in: 900,
      verification_uri: expect.stringContaining('https://') as unknown,
    });
    expect((await redeem(code.device_code)).json).toMatchObject({
      error: 'authorization_pending',
      error_codes: [70016],
    });
    await answer({ decision: 'decline', userCode: code.user_code });
    const { status, json } = await redeem(code.device_code);
    expect([status, json.error]).toEqual([400, 'authorization_declined']);
  });

  it('can be too late, and can redeem a code only once', async () => {
    const { json: late } = await begin();
    await simulator.control('POST', '/clock', { advanceSeconds: 901 });
    expect((await redeem(late.device_code)).json.error).toBe('expired_token');
    await simulator.control('POST', '/clock', { reset: true });
    const { json: code } = await begin();
    await answer({ person: 'analyst', userCode: code.user_code });
    expect((await redeem(code.device_code)).status).toBe(200);
    expect((await redeem(code.device_code)).json.error).toBe('invalid_grant');
    expect((await redeem('unknown')).json.error).toBe('bad_verification_code');
  });

  it('cannot sign in with a confidential client: AADSTS7000218', async () => {
    const client = { client_id: simulator.company.apiClientId };
    const { json: code } = await begin(client);
    await answer({ person: 'analyst', userCode: code.user_code });
    const { status, json } = await redeem(code.device_code, client);
    expect([status, json.error, json.error_codes]).toEqual([401, 'invalid_client', [7000218]]);
  });

  it('has a client without secrets: AADSTS700025', async () => {
    const { json } = await redeem('any', { client_secret: 'any' });
    expect(json).toMatchObject({ error: 'invalid_client', error_codes: [700025] });
    const { tenantId, publicClientId } = simulator.company;
    const credential = new ClientSecretCredential(tenantId, publicClientId, 'any', options());
    await expect(credential.getToken(defenderScope)).rejects.toMatchObject({ cause: { errorNo: 700025 } });
  });

  it('stops at permissions that need an administrator, who can consent to them', async () => {
    const grant = {
      principal: simulator.company.publicClientId,
      resource: 'Microsoft Graph',
      scope: 'SecurityEvents.Read.All',
    };
    const { json: code } = await begin({ scope: 'https://graph.microsoft.com/SecurityEvents.Read.All' });
    const refused = await simulator.tryControl('POST', '/entra/device-codes', { person: 'analyst' });
    expect([refused.status, refused.json.error]).toEqual([
      400,
      expect.stringContaining('AADSTS90094') as unknown,
    ]);
    await answer({ person: 'administrator', userCode: code.user_code, consent: true });
    expect(decodeJwt(String((await redeem(code.device_code)).json.access_token)).scp).toBe(
      'SecurityEvents.Read.All',
    );
    await simulator.control('POST', '/entra/scopes', { ...grant, granted: false });
  });

  it('meets a policy by a second factor', async () => {
    await simulator.control('POST', '/entra/conditional-access', { demand: 'multifactor' });
    const { json: code } = await begin();
    await answer({ person: 'analyst', userCode: code.user_code });
    expect((await redeem(code.device_code)).json.error_codes).toEqual([50076]);
    const { json: second } = await begin();
    await answer({ person: 'analyst', userCode: second.user_code, multifactor: true });
    const { json } = await redeem(second.device_code);
    expect(decodeJwt(String(json.access_token)).amr).toEqual(['pwd', 'mfa']);
  });
});

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token
describe('A refresh token', () => {
  async function getRefreshToken(): Promise<string> {
    const client_id = simulator.company.publicClientId;
    const { json } = await post({ client_id, scope: `${defenderScope} offline_access` }, 'devicecode');
    await simulator.control('POST', '/entra/device-codes', { person: 'analyst', userCode: json.user_code });
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
    const answer = await post({ client_id, grant_type, device_code: String(json.device_code) });
    return String(answer.json.refresh_token);
  }
  const refresh = (refresh_token: string, change: Record<string, string> = {}) =>
    post({
      grant_type: 'refresh_token',
      client_id: simulator.company.publicClientId,
      refresh_token,
      scope: graphScope,
      ...change,
    });

  it('gives tokens for other resources, and another refresh token', async () => {
    const { json } = await refresh(await getRefreshToken());
    expect(decodeJwt(String(json.access_token)).aud).toBe('https://graph.microsoft.com');
    expect((await refresh(String(json.refresh_token))).status).toBe(200);
  });

  it('is refused when it is unknown, another client’s, revoked, or not used for 90 days', async () => {
    const token = await getRefreshToken();
    const other = { client_id: simulator.company.apiClientId, client_secret: apiSecret };
    expect((await refresh('unknown')).json).toMatchObject({ error: 'invalid_grant', error_codes: [70000] });
    expect((await refresh(token, other)).json.error_codes).toEqual([70000]);
    await simulator.control('POST', '/clock', { advanceSeconds: 90 * 86_400 });
    expect((await refresh(token)).json.error_codes).toEqual([700082]);
    await simulator.control('POST', '/clock', { reset: true });
    await simulator.control('PATCH', '/entra/people/analyst', { revokeSessions: true });
    expect((await refresh(token)).json.error_codes).toEqual([50173]);
  });
});

describe('People of another tenant', () => {
  it('are added by control and have no place in the company', async () => {
    const { tenants } = (await simulator.control('POST', '/entra/tenants', {})) as {
      tenants: { id: string }[];
    };
    const tenant = tenants[0]?.id ?? '';
    await simulator.control('POST', '/entra/people', { tenant, userPrincipalName: 'Ada@fabrikam.example' });
    const { people } = await simulator.control('GET', `/entra/people?tenant=${tenant}`);
    expect(people).toMatchObject([{ userPrincipalName: 'ada@fabrikam.example', isEnabled: true }]);
    const { people: own } = await simulator.control('GET', '/entra/people');
    expect(JSON.stringify(own)).not.toContain('fabrikam');
  });
});
