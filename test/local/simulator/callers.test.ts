import { ClientSecretCredential } from '@azure/identity';
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
} from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallerName } from '../../../local/simulator/entra/callers.ts';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
const secrets = new Map<CallerName, string>();
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterEach(() => simulator.control('POST', '/entra/caller-api', { requestedAccessTokenVersion: 2 }));
afterAll(() => simulator.stop());

async function readSecret(caller: CallerName): Promise<string> {
  const known = secrets.get(caller);
  if (known !== undefined) return known;
  const { secretText } = await simulator.control('POST', '/entra/secrets', { principal: caller });
  secrets.set(caller, String(secretText));
  return String(secretText);
}

/** Asks Entra without an SDK. */
async function askToken(caller: CallerName, resource = simulator.company.apiAudience): Promise<Reply> {
  const { tenantId, callerClientIds } = simulator.company;
  return simulator.fetch(`${simulator.urls.entra}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: callerClientIds[caller],
      client_secret: await readSecret(caller),
      scope: `${resource}/.default`,
    }),
  });
}

async function getClaims(caller: CallerName, resource?: string): Promise<JWTPayload> {
  return decodeJwt(String((await askToken(caller, resource)).json.access_token));
}

/** Makes a token at the control surface. */
async function make(order: Record<string, unknown>): Promise<string> {
  return String((await simulator.control('POST', '/entra/caller-tokens', order)).token);
}

/** Verifies as an API would: with the issuer and the keys of the discovery document for the token's version. */
async function verify(token: string, version: 1 | 2 = 2): Promise<JWTPayload> {
  const { tenantId, apiClientId, apiAudience } = simulator.company;
  const authority = `${simulator.urls.entra}/${tenantId}${version === 2 ? '/v2.0' : ''}`;
  const { json } = await simulator.fetch(`${authority}/.well-known/openid-configuration`);
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(String(json.jwks_uri))), {
    issuer: String(json.issuer),
    audience: version === 2 ? apiClientId : apiAudience,
    algorithms: ['RS256'],
  });
  return payload;
}

// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
describe('Entra gives a caller of the functions a token', () => {
  it('through ClientSecretCredential, verifiable with the version 2 discovery document', async () => {
    const { tenantId, callerClientIds, apiAudience, apiClientId } = simulator.company;
    const credential = new ClientSecretCredential(
      tenantId,
      callerClientIds.playbooks,
      await readSecret('playbooks'),
      { authorityHost: simulator.urls.entra, disableInstanceDiscovery: true },
    );
    const { token } = await credential.getToken(`${apiAudience}/.default`);
    const claims = await verify(token);
    expect(apiAudience).toBe(`api://${tenantId}/defender-functions`);
    expect(claims).toMatchObject({
      aud: apiClientId,
      iss: `${simulator.urls.entra}/${tenantId}/v2.0`,
      azp: callerClientIds.playbooks,
      azpacr: '1',
      tid: tenantId,
      roles: ['Defender.Hunt', 'Defender.Read', 'Defender.Respond'],
      ver: '2.0',
    });
    expect(claims.sub).toBe(claims.oid);
    for (const name of ['appid', 'appidacr', 'scp', 'idtyp']) expect(claims).not.toHaveProperty(name);
  });

  it.each([
    ['reports', ['Defender.Read']],
    ['hunters', ['Defender.Hunt']],
    ['operators', ['Defender.Admin', 'Defender.Read']],
  ] as const)('with the roles of %s', async (caller, roles) => {
    expect((await getClaims(caller)).roles).toEqual(roles);
  });

  it.each([1, null])('of version 1 when the API asks for %s, with the audience as asked', async (version) => {
    const { tenantId, callerClientIds, apiAudience, apiClientId } = simulator.company;
    await simulator.control('POST', '/entra/caller-api', { requestedAccessTokenVersion: version });
    const token = String((await askToken('reports')).json.access_token);
    const claims = await verify(token, 1);
    expect(claims).toMatchObject({
      aud: apiAudience,
      iss: `https://sts.windows.net/${tenantId}/`,
      appid: callerClientIds.reports,
      appidacr: '1',
      ver: '1.0',
    });
    for (const name of ['azp', 'azpacr', 'idtyp']) expect(claims).not.toHaveProperty(name);
    expect((await getClaims('reports', apiClientId)).aud).toBe(apiClientId);
  });

  it('of version 2 for the client id of the API just so', async () => {
    const { apiClientId } = simulator.company;
    expect(await getClaims('reports', apiClientId)).toMatchObject({ aud: apiClientId, ver: '2.0' });
  });

  // https://doc.nais.io/security/auth/azure-ad/faq-troubleshooting/
  it('only when it is assigned to a role, else AADSTS501051', async () => {
    const { status, json } = await askToken('stranger');
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: 'invalid_grant', error_codes: [501051] });
    expect(json.error_description).toContain(simulator.company.callerClientIds.stranger);
    const grant = {
      principal: 'stranger',
      resource: simulator.company.apiAudience,
      role: 'Defender.Read',
    };
    await simulator.control('POST', '/entra/roles', grant);
    expect((await getClaims('stranger')).roles).toEqual(['Defender.Read']);
    await simulator.control('POST', '/entra/roles', { ...grant, granted: false });
    expect((await askToken('stranger')).status).toBe(400);
  });

  it('for the functions only: Defender refuses it', async () => {
    const token = await make({ application: 'playbooks', version: 1 });
    expect((await simulator.get('/api/alerts', token)).status).toBe(401);
  });

  it('not through the managed identity endpoint, which says that it does not do that', async () => {
    const resource = encodeURIComponent(simulator.company.apiAudience);
    const reply = await simulator.fetch(
      `${simulator.urls.identity}?api-version=2019-08-01&resource=${resource}`,
      { headers: { 'x-identity-header': simulator.identityHeader } },
    );
    expect(reply.status).toBe(501);
  });
});

describe('The control surface makes a token', () => {
  it('for an application, as Entra does', async () => {
    const { token, expiresAt } = await simulator.control('POST', '/entra/caller-tokens', {
      application: 'playbooks',
    });
    const fromEntra = String((await askToken('playbooks')).json.access_token);
    const steady = ({ iat, nbf, exp, uti, ...rest }: JWTPayload): JWTPayload => rest;
    expect(steady(await verify(String(token)))).toEqual(steady(await verify(fromEntra)));
    expect(decodeProtectedHeader(String(token))).toEqual(decodeProtectedHeader(fromEntra));
    expect(Date.parse(String(expiresAt)) - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('for a person, of version 2, with the permission and the roles of the person', async () => {
    const { users } = await simulator.control('GET', '/entra/callers');
    const [analyst] = users as { objectId: string; userPrincipalName: string }[];
    const claims = await verify(await make({ user: 'analyst' }));
    expect(claims).toMatchObject({
      scp: 'access_as_user',
      oid: analyst?.objectId,
      preferred_username: analyst?.userPrincipalName,
      name: expect.stringMatching(/^[A-Z][a-z]+ [A-Z][a-z]+$/) as unknown,
      azpacr: '0',
      roles: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt'],
    });
    expect(claims.sub).not.toBe(claims.oid);
    expect(claims).not.toHaveProperty('upn');
    expect(decodeJwt(await make({ user: analyst?.userPrincipalName })).oid).toBe(analyst?.objectId);
  });

  it('for a person who uses an application, of version 1', async () => {
    const claims = await verify(await make({ user: 'reader', application: 'hunters', version: 1 }), 1);
    expect(claims).toMatchObject({
      scp: 'access_as_user',
      appid: simulator.company.callerClientIds.hunters,
      appidacr: '1',
      roles: ['Defender.Read'],
      upn: claims.unique_name,
    });
  });

  it.each([{ user: 'newcomer' }, { application: 'stranger' }, { application: 'playbooks', roles: [] }])(
    'without the roles claim for %j',
    async (order) => {
      expect(await verify(await make(order))).not.toHaveProperty('roles');
    },
  );

  it('that begins and ends when it is told, by the simulated clock', async () => {
    const now = Date.UTC(2026, 10, 20, 8) / 1000;
    await simulator.control('POST', '/clock', { freezeAt: '2026-11-20T08:00:00Z' });
    const order = { application: 'reports', expiresInSeconds: -60, notBeforeInSeconds: 600 };
    const { token, expiresAt } = await simulator.control('POST', '/entra/caller-tokens', order);
    await simulator.control('POST', '/clock', { reset: true });
    expect(decodeJwt(String(token))).toMatchObject({ iat: now, nbf: now + 600, exp: now - 60 });
    expect(expiresAt).toBe('2026-11-20T07:59:00.000Z');
  });

  it('of another tenant, signed with the keys that all tenants share', async () => {
    const tenantId = '11111111-2222-3333-4444-555555555555';
    const token = await make({ application: 'playbooks', tenantId });
    expect(decodeJwt(token)).toMatchObject({
      tid: tenantId,
      iss: `${simulator.urls.entra}/${tenantId}/v2.0`,
    });
    await expect(verify(token)).rejects.toMatchObject({ claim: 'iss', reason: 'check_failed' });
  });

  it('with audience, issuer, scope and any other claim replaced, added or taken away', async () => {
    const token = await make({
      application: 'playbooks',
      audience: 'https://management.azure.com',
      issuer: 'https://evil.example/',
      scp: 'access_as_user',
      claims: { idtyp: 'app', roles: 'Defender.Admin', oid: null, groups: ['a'] },
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      aud: 'https://management.azure.com',
      iss: 'https://evil.example/',
      scp: 'access_as_user',
      idtyp: 'app',
      roles: 'Defender.Admin',
      groups: ['a'],
    });
    expect(claims).not.toHaveProperty('oid');
  });
});

describe('A forged token', () => {
  it('signed with an unpublished key names a key that is not published, or the one that it is told', async () => {
    const token = await make({ application: 'operators', sign: 'unpublishedKey' });
    await expect(verify(token)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
    const { kid = '' } = decodeProtectedHeader(await make({ application: 'operators' }));
    const sameKid = await make({ application: 'operators', sign: 'unpublishedKey', kid });
    await expect(verify(sameKid)).rejects.toBeInstanceOf(errors.JWSSignatureVerificationFailed);
  });

  it('without a signature says so in its header', async () => {
    const token = await make({ application: 'operators', sign: 'none' });
    expect(token.split('.')[2]).toBe('');
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      alg: 'none',
    });
    await expect(verify(token)).rejects.toBeInstanceOf(errors.JOSEError);
  });

  it('of HS256 would pass a verifier that takes the published key for a secret', async () => {
    const token = await make({ application: 'operators', sign: 'hs256PublicKey' });
    const { entra } = simulator.urls;
    const { json } = await simulator.fetch(`${entra}/${simulator.company.tenantId}/discovery/keys`);
    const { kid } = decodeProtectedHeader(token);
    const key = (json.keys as JsonWebKey[]).find((one) => one.kid === kid) ?? {};
    const secret = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const [header = '', claims = '', signature] = token.split('.');
    // OpenSSL ends its PEM text with a line break, Web Crypto does not.
    const made = createHmac('sha256', String(secret).trimEnd()).update(`${header}.${claims}`);
    expect(made.digest('base64url')).toBe(signature);
    await expect(verify(token)).rejects.toBeInstanceOf(errors.JOSEAlgNotAllowed);
  });

  it('of ES256 names the published RSA key', async () => {
    const token = await make({ application: 'operators', sign: 'es256' });
    const { kid } = decodeProtectedHeader(await make({ application: 'operators' }));
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'JWT', alg: 'ES256', kid });
    await expect(verify(token)).rejects.toBeInstanceOf(errors.JOSEAlgNotAllowed);
  });

  it('can be without a key id, and has x5t in version 1 only', async () => {
    expect(decodeProtectedHeader(await make({ application: 'operators', kid: null }))).toEqual({
      typ: 'JWT',
      alg: 'RS256',
    });
    const header = decodeProtectedHeader(await make({ application: 'operators', version: 1 }));
    expect(header.x5t).toBe(header.kid);
  });
});

describe('Signing keys', () => {
  it('rotate for callers too: the old token lives on until its key is retired', async () => {
    const old = await make({ application: 'reports' });
    const { kid } = await simulator.control('POST', '/entra/signing-keys/rotate');
    const token = await make({ application: 'reports' });
    expect(decodeProtectedHeader(token).kid).toBe(kid);
    await verify(old);
    await simulator.control('POST', '/entra/signing-keys/rotate', { retirePrevious: true });
    await expect(verify(old)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
    await verify(await make({ application: 'reports' }));
  });
});

describe('Control refuses', () => {
  it.each([
    ['/entra/caller-tokens', {}, 400, "'application' and 'user'"],
    ['/entra/caller-tokens', { application: 'nobody' }, 404, 'no application nobody'],
    ['/entra/caller-tokens', { user: 'nobody' }, 404, 'no person nobody'],
    ['/entra/caller-tokens', { user: 'analyst', version: 3 }, 400, "'version'"],
    ['/entra/caller-tokens', { user: 'analyst', roles: 'Defender.Read' }, 400, "'roles'"],
    ['/entra/caller-tokens', { user: 'analyst', sign: 'rsa' }, 400, "'sign'"],
    ['/entra/caller-tokens', { user: 'analyst', kid: 5 }, 400, "'kid'"],
    ['/entra/caller-tokens', { user: 'analyst', claims: [] }, 400, "'claims'"],
    ['/entra/caller-tokens', { user: 'analyst', aud: 'x' }, 400, "'aud' is not known"],
    ['/entra/caller-api', {}, 400, "'requestedAccessTokenVersion'"],
    ['/entra/caller-api', { requestedAccessTokenVersion: '2' }, 400, "'requestedAccessTokenVersion'"],
  ])('POST %s %j by %s with the reason', async (path, body, status, reason) => {
    const reply = await simulator.tryControl('POST', path, body);
    expect([reply.status, reply.json.error]).toEqual([status, expect.stringContaining(reason)]);
  });
});
