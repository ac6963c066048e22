import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ManagedIdentityCredential,
} from '@azure/identity';
import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPfx, readVault } from './readVault.ts';
import { defenderScope, startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let pair: { readonly privateKey: string; readonly certificate: string };
beforeAll(async () => {
  simulator = await startTestSimulator();
  pair = readPfx((await readVault(simulator, simulator.company.certificateName)).value);
});
afterEach(() => simulator.control('DELETE', '/identity/cache'));
afterAll(() => simulator.stop());

const options = () => ({
  authorityHost: simulator.urls.entra,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
});

/** The token endpoint, and the client that asks it. */
const endpointOf = (tenant: string) => `${simulator.urls.entra}/${tenant}/oauth2/v2.0/token`;

async function ask(assertion: string, change: Record<string, string> = {}): Promise<Reply> {
  const { tenantId, defenderClientId } = simulator.company;
  return simulator.fetch(endpointOf(tenantId), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: defenderClientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: defenderScope,
      ...change,
    }),
  });
}

interface AssertionChange {
  readonly alg?: 'PS256' | 'RS256' | 'PS384';
  readonly header?: Record<string, string>;
  readonly claims?: Record<string, unknown>;
  readonly key?: string;
}

/** An assertion as the documentation describes it, with changes; a claim of undefined is left out. */
function sign({
  alg = 'PS256',
  header,
  claims,
  key = pair.privateKey,
}: AssertionChange = {}): Promise<string> {
  const { tenantId, defenderClientId: client } = simulator.company;
  const now = Math.floor(Date.now() / 1000);
  const { raw } = new X509Certificate(pair.certificate);
  const names = header ?? { 'x5t#S256': createHash('sha256').update(raw).digest('base64url') };
  return new SignJWT({
    aud: endpointOf(tenantId),
    iss: client,
    sub: client,
    jti: randomUUID(),
    nbf: now,
    exp: now + 600,
    ...claims,
  })
    .setProtectedHeader({ alg, typ: 'JWT', ...names })
    .sign(createPrivateKey(key));
}

const sha1 = () => ({
  x5t: createHash('sha1').update(new X509Certificate(pair.certificate).raw).digest('base64url'),
});

// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
describe('A client that signs with its certificate', () => {
  it('gets a token through ClientCertificateCredential', async () => {
    const { tenantId, defenderClientId } = simulator.company;
    const certificate = `${pair.privateKey}${pair.certificate}`;
    const credential = new ClientCertificateCredential(
      tenantId,
      defenderClientId,
      { certificate },
      options(),
    );
    const { token } = await credential.getToken(defenderScope);
    expect(decodeJwt(token)).toMatchObject({
      appid: defenderClientId,
      appidacr: '2',
      tid: tenantId,
      idtyp: 'app',
    });
  });

  it.each<[string, () => AssertionChange]>([
    ['PS256 and x5t#S256', () => ({})],
    ['RS256 and x5t', () => ({ alg: 'RS256', header: sha1() })],
    [
      'the tenant’s domain in the audience',
      () => ({ claims: { aud: endpointOf(simulator.company.tenantDomain) } }),
    ],
  ])('is accepted with %s', async (_case, change) => {
    expect((await ask(await sign(change()))).status).toBe(200);
  });

  it.each<[string, () => AssertionChange, number]>([
    ['another key than the certificate’s', () => ({ key: otherKey }), 700027],
    ['a certificate that is not registered', () => ({ header: { x5t: 'AAAA' } }), 700027],
    ['an algorithm that is not documented', () => ({ alg: 'PS384' }), 700027],
    ['no certificate named', () => ({ header: {} }), 700027],
    ['an audience that is another tenant’s', () => ({ claims: { aud: endpointOf(randomUUID()) } }), 700023],
    [
      'the audience of a federated credential',
      () => ({ claims: { aud: 'api://AzureADTokenExchange' } }),
      700023,
    ],
    [
      'an assertion that has ended',
      () => ({ claims: { exp: Math.floor(Date.now() / 1000) - 3600 } }),
      700024,
    ],
    [
      'an assertion that has not begun',
      () => ({ claims: { nbf: Math.floor(Date.now() / 1000) + 3600 } }),
      700024,
    ],
    ['no jti', () => ({ claims: { jti: undefined } }), 90016],
    ['no exp', () => ({ claims: { exp: undefined } }), 90016],
    ['another subject', () => ({ claims: { sub: randomUUID() } }), 50048],
    ['another issuer', () => ({ claims: { iss: randomUUID() } }), 700021],
  ])('is refused with %s', async (_case, change, code) => {
    const { status, json } = await ask(await sign(change()));
    expect([status, json.error, json.error_codes]).toEqual([401, 'invalid_client', [code]]);
  });

  it.each(['not a token', 'a.b.c', ''])('is refused with the assertion %o', async (assertion) => {
    expect((await ask(assertion)).json).toMatchObject({ error: 'invalid_client', error_codes: [700027] });
  });

  it('is refused once the certificate has expired, is revoked, or has not begun (reference-error-codes)', async () => {
    const path = '/entra/certificates';
    const early = await simulator.control('POST', path, { notBeforeInSeconds: 3600 });
    const late = await simulator.control('POST', path);
    const gone = await simulator.control('POST', path);
    await simulator.control('POST', `${path}/expire`, { keyId: late.keyId });
    await simulator.control('POST', `${path}/revoke`, { keyId: gone.keyId });
    for (const { certificate, privateKey } of [early, late, gone]) {
      const { raw } = new X509Certificate(String(certificate));
      const header = { 'x5t#S256': createHash('sha256').update(raw).digest('base64url') };
      const { json } = await ask(await sign({ header, key: String(privateKey) }));
      expect(json.error_codes).toEqual([700027]);
    }
    expect((await ask(await sign())).status).toBe(200);
  });

  it('goes on with the new certificate after a rotation, and no longer with the old', async () => {
    const { certificateName, apiClientId, apiCertificateName } = simulator.company;
    const old = await sign();
    await simulator.control('POST', '/certificate/rotate', { revokeOld: true });
    expect((await ask(old)).json.error_codes).toEqual([700027]);
    pair = readPfx((await readVault(simulator, certificateName)).value);
    expect((await ask(await sign())).status).toBe(200);
    await simulator.control('POST', '/certificate/rotate', { principal: apiClientId, format: 'pem' });
    expect((await readVault(simulator, apiCertificateName)).contentType).toBe('application/x-pem-file');
  });

  it('can be given a certificate that was made elsewhere, if it has an RSA key', async () => {
    const made = await simulator.control('POST', '/entra/certificates', { principal: 'reports' });
    const given = { principal: 'hunters', certificate: made.certificate };
    expect((await simulator.control('POST', '/entra/certificates', given)).thumbprint).toBe(made.thumbprint);
    const none = await simulator.tryControl('POST', '/entra/certificates', { certificate: 'none' });
    expect(none.status).toBe(400);
  });

  it('needs the assertion type', async () => {
    const { json } = await ask(await sign(), { client_assertion_type: 'jwt' });
    expect(json.error_codes).toEqual([900144]);
  });
});

/** A token of the user-assigned identity to prove an application with. */
async function proveByIdentity(resource = simulator.company.exchangeAudience): Promise<string> {
  const query = { 'api-version': '2019-08-01', resource, client_id: simulator.company.userAssignedClientId };
  const { json, status } = await simulator.fetch(
    `${simulator.urls.identity}?${new URLSearchParams(query).toString()}`,
    { headers: { 'X-IDENTITY-HEADER': simulator.identityHeader } },
  );
  if (status !== 200) throw new Error(String(json.message));
  return String(json.access_token);
}

// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
describe('A client that a managed identity proves', () => {
  it('gets a token through ClientAssertionCredential and ManagedIdentityCredential', async () => {
    const {
      tenantId,
      defenderClientId,
      userAssignedClientId: clientId,
      exchangeAudience,
    } = simulator.company;
    const identity = new ManagedIdentityCredential({ clientId });
    const prove = async () => (await identity.getToken(`${exchangeAudience}/.default`)).token;
    const credential = new ClientAssertionCredential(tenantId, defenderClientId, prove, options());
    const claims = decodeJwt((await credential.getToken(defenderScope)).token);
    expect(claims).toMatchObject({
      appid: defenderClientId,
      appidacr: '2',
      roles: expect.any(Array) as unknown,
    });
  });

  it('is proved by a version 2 token whose issuer is this tenant and whose subject is the identity', async () => {
    const { tenantId, userAssignedPrincipalId, userAssignedClientId } = simulator.company;
    expect(decodeJwt(await proveByIdentity())).toMatchObject({
      // The appId of the resource: version 2 tokens do not carry its URI.
      aud: 'fb60f99c-7a34-4190-8149-302f77469936',
      iss: `${simulator.urls.entra}/${tenantId}/v2.0`,
      sub: userAssignedPrincipalId,
      azp: userAssignedClientId,
      ver: '2.0',
    });
  });

  /** Takes away the credential that is there and adds another one; returns what puts things back. */
  async function trustInstead(change: Record<string, string>): Promise<() => Promise<void>> {
    const { tenantId, userAssignedPrincipalId, exchangeAudience } = simulator.company;
    const { principals } = (await simulator.control('GET', '/entra/principals')) as {
      principals: { displayName: string; federatedCredentials: { id: string }[] }[];
    };
    const app = principals.find(({ displayName }) => displayName === 'defender-functions-app');
    for (const { id } of app?.federatedCredentials ?? [])
      await simulator.control('DELETE', `/entra/federated-credentials/${id}`);
    const { id } = await simulator.control('POST', '/entra/federated-credentials', {
      name: 'another',
      issuer: `${simulator.urls.entra}/${tenantId}/v2.0`,
      subject: userAssignedPrincipalId,
      audience: exchangeAudience,
      ...change,
    });
    return async () => {
      await simulator.control('DELETE', `/entra/federated-credentials/${String(id)}`);
      await simulator.control('POST', '/entra/federated-credentials', {
        identity: 'defender-functions-identity',
      });
    };
  }

  it.each<[string, () => Record<string, string>, number]>([
    ['another issuer', () => ({ issuer: `https://sts.windows.net/${simulator.company.tenantId}/` }), 700211],
    ['an issuer with a slash behind it', () => ({ issuer: `${issuer()}/` }), 700211],
    ['another subject', () => ({ subject: randomUUID() }), 700213],
    [
      'the subject in upper case',
      () => ({ subject: simulator.company.userAssignedPrincipalId.toUpperCase() }),
      700213,
    ],
    ['another audience', () => ({ audience: 'api://other' }), 700212],
    ['the audience of another cloud', () => ({ audience: 'api://AzureADTokenExchangeUSGov' }), 700212],
    ['the audience in lower case', () => ({ audience: 'api://azureadtokenexchange' }), 700212],
  ])('is refused when its credential names %s', async (_case, change, code) => {
    const putBack = await trustInstead(change());
    const { status, json } = await ask(await proveByIdentity());
    await putBack();
    expect([status, json.error, json.error_codes]).toEqual([401, 'invalid_client', [code]]);
    expect((await ask(await proveByIdentity())).status).toBe(200);
  });

  it('is refused without a federated credential', async () => {
    const secret = await simulator.control('POST', '/entra/federated-credentials', {
      principal: 'reports',
      identity: 'defender-functions-identity',
    });
    const client_id = simulator.company.callerClientIds.reports;
    expect((await ask(await proveByIdentity(), { client_id })).status).toBe(200);
    await simulator.control('DELETE', `/entra/federated-credentials/${String(secret.id)}`);
    const { json } = await ask(await proveByIdentity(), { client_id });
    expect(json.error_codes).toEqual([70025]);
  });

  it('is refused with a token of the identity for another resource', async () => {
    const { json } = await ask(await proveByIdentity('https://vault.azure.net'));
    // It is a version 1 token: its issuer is not the one of the credential.
    expect(json.error_codes).toEqual([700211]);
  });

  it('is refused with a forged token', async () => {
    const [header = '', claims = ''] = (await proveByIdentity()).split('.');
    const { json } = await ask(`${header}.${claims}.${Buffer.alloc(256).toString('base64url')}`);
    expect(json).toMatchObject({ error: 'invalid_client', error_codes: [700027] });
  });

  it('gets no proof for another cloud from the identity endpoint', async () => {
    await expect(proveByIdentity('api://AzureADTokenExchangeUSGov')).rejects.toThrow('AADSTS500011');
  });

  it('cannot trust a system-assigned identity, nor more than 20 of them', async () => {
    const path = '/entra/federated-credentials';
    const system = await simulator.tryControl('POST', path, {
      principal: 'hunters',
      identity: 'defender-functions',
    });
    expect([system.status, system.json.error]).toEqual([
      400,
      expect.stringContaining('user-assigned') as unknown,
    ]);
    for (let number = 1; number <= 20; number += 1)
      await simulator.control('POST', path, { ...anyone, name: `fed-${number}` });
    const next = await simulator.tryControl('POST', path, { ...anyone, name: 'fed-21' });
    expect([next.status, next.json.error]).toEqual([400, expect.stringContaining('at most 20') as unknown]);
  });
});

const issuer = () => `${simulator.urls.entra}/${simulator.company.tenantId}/v2.0`;
const anyone = { principal: 'hunters', issuer: 'https://a.example', subject: 'b', audience: 'c' };

/** A key that nobody registered. */
const otherKey = await (async () => {
  const { generateKeyPair, exportPKCS8 } = await import('jose');
  const { privateKey } = await generateKeyPair('PS256', { extractable: true });
  return exportPKCS8(privateKey);
})();
