import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApplicationCredential } from '../../src/identity/createApplicationCredential.ts';
import { decodeTokenClaims } from '../../src/identity/decodeTokenClaims.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import type { IdentitySettings } from '../../src/settings/parseIdentity.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { identityOf, shownOf } from './support/identities.ts';

const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const GRAPH = 'https://graph.microsoft.com';
const never = new AbortController().signal;

let simulator: TestSimulator;
let home: string;
beforeAll(async () => {
  simulator = await startTestSimulator();
  home = simulator.company.tenantId;
});
afterAll(() => simulator.stop());
afterEach(async () => {
  await simulator.control('DELETE', '/faults');
  await simulator.control('DELETE', '/requests');
});

function create(settings: IdentitySettings) {
  const logs = collectLogs();
  return { logs, credential: createApplicationCredential(settings, systemClock, logs.logger) };
}

const tokensOf = (settings: IdentitySettings) => create(settings).credential.tokensIn(home);

/** How often tokens were asked for at Entra, and the vault was read. */
async function countRequests(service: 'entra' | 'keyVault', method: string): Promise<number> {
  const { requests } = (await simulator.control('GET', `/requests?service=${service}`)) as {
    requests: { method: string; status: number }[];
  };
  return requests.filter((one) => one.method === method && one.status === 200).length;
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  const [outcome] = await Promise.allSettled([call]);
  if (outcome.status === 'fulfilled') throw new Error('It was not refused.');
  return outcome.reason as Error;
}

describe('tokens by managed identity', () => {
  it('are those of the system-assigned identity, for the audience that was asked for', async () => {
    const token = await tokensOf(identityOf(simulator, 'managedIdentity')).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)).toMatchObject({
      isPerson: false,
      roles: expect.arrayContaining(['Alert.Read.All']) as unknown,
    });
    expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(200);
  });

  it('are those of the user-assigned identity when that is named', async () => {
    const managedIdentityClientId = simulator.company.userAssignedClientId;
    const settings = identityOf(simulator, 'managedIdentity', { managedIdentityClientId });
    const token = await tokensOf(settings).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)?.applicationId).toBe(managedIdentityClientId);
  });

  it('are refused for good when no such identity is assigned', async () => {
    const managedIdentityClientId = '00000000-0000-4000-8000-000000000000';
    const tokens = tokensOf(identityOf(simulator, 'managedIdentity', { managedIdentityClientId }));
    await expect(tokens.getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^credential_(refused|unavailable)$/) as string,
      message: expect.stringContaining(
        `${AUDIENCE} as the managed identity ${managedIdentityClientId}`,
      ) as string,
    });
  });

  it('are not to be had in other tenants, which says what to set', () => {
    const { credential } = create(identityOf(simulator, 'managedIdentity'));
    expect(() => credential.tokensIn('00000000-0000-4000-8000-000000000001')).toThrow(
      expect.objectContaining({
        code: 'tenant_needs_application',
        httpStatus: 409,
        message: expect.stringContaining('Set DEFENDER_CREDENTIAL to federated') as string,
      }) as Error,
    );
  });
});

describe.each(['federated', 'clientSecret', 'clientCertificate'] as const)('tokens by %s', (kind) => {
  it('are those of the app registration, and Defender takes them', async () => {
    const token = await tokensOf(identityOf(simulator, kind)).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)).toMatchObject({
      applicationId: simulator.company.defenderClientId,
      tenantId: home,
      isPerson: false,
    });
    expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(200);
  });

  it('are asked for once for many callers, and kept per tenant and audience', async () => {
    const { tenants } = (await simulator.control('POST', '/entra/tenants', { count: 3, consent: true })) as {
      tenants: { id: string }[];
    };
    const { credential } = create(identityOf(simulator, kind));
    await simulator.control('DELETE', '/requests');
    const everywhere = [home, ...tenants.map(({ id }) => id)];
    const wanted = everywhere.flatMap((tenantId) =>
      [AUDIENCE, GRAPH].map((audience) => ({ tenantId, audience })),
    );
    const round = () =>
      Promise.all(
        [...wanted, ...wanted, ...wanted].map(({ tenantId, audience }) =>
          credential.tokensIn(tenantId).getToken(audience, never),
        ),
      );
    const first = await round();
    expect(await round()).toEqual(first);
    expect(new Set(first).size).toBe(wanted.length);
    for (const [index, { tenantId }] of wanted.entries()) {
      expect(decodeTokenClaims(first[index] ?? '')?.tenantId).toBe(tenantId);
    }
    expect(await countRequests('entra', 'POST')).toBe(wanted.length);
    // What lies in the vault is read once for all of them.
    expect(await countRequests('keyVault', 'GET')).toBe(kind === 'federated' ? 0 : 1);
  });

  it('are refused in a tenant that did not consent, and nowhere else because of that', async () => {
    const { tenants } = (await simulator.control('POST', '/entra/tenants', { count: 1 })) as {
      tenants: { id: string }[];
    };
    const [stranger = ''] = tenants.map(({ id }) => id);
    const { credential } = create(identityOf(simulator, kind));
    const error = await failureOf(credential.tokensIn(stranger).getToken(AUDIENCE, never));
    expect(error).toMatchObject({ code: 'credential_refused', number: '700016', retryable: false });
    expect(error.message).toContain(
      `${AUDIENCE} in tenant ${stranger} as the app registration ${simulator.company.defenderClientId} (DEFENDER_CLIENT_ID)`,
    );
    expect(await credential.tokensIn(home).getToken(AUDIENCE, never)).toMatch(/^ey/);
  });

  it('are refused, and not just unavailable, in a tenant that does not exist', async () => {
    const { credential } = create(identityOf(simulator, kind));
    const unknown = '00000000-0000-4000-8000-00000000abcd';
    await expect(credential.tokensIn(unknown).getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'credential_refused',
      error: 'invalid_tenant',
      number: '90002',
      message: expect.stringContaining('the tenant is unknown; check the id of the tenant') as string,
    });
  });

  it('are refused for an audience that the tenant does not know', async () => {
    const tokens = tokensOf(identityOf(simulator, kind));
    await expect(tokens.getToken('https://nowhere.example', never)).rejects.toMatchObject({
      code: 'credential_refused',
      number: '500011',
    });
  });
});

describe('an Entra that does not answer', () => {
  it('makes tokens unavailable, not refused, whether it fails or nobody listens at the authority', async () => {
    await simulator.control('POST', '/faults', { service: 'entra', effect: { status: 503 } });
    const nowhere = identityOf(simulator, 'clientCertificate', { authorityHost: 'https://127.0.0.1:9' });
    // At the same time, because the SDK tries for seconds before it gives up.
    const failures = [identityOf(simulator, 'clientSecret'), nowhere].map((settings) =>
      failureOf(tokensOf(settings).getToken(AUDIENCE, never)),
    );
    for (const error of await Promise.all(failures)) {
      expect(error).toMatchObject({ code: 'credential_unavailable', retryable: true });
    }
  });
});

describe('a client secret', () => {
  it('is rotated between two tokens without anybody noticing', async () => {
    const { logs, credential } = create(identityOf(simulator, 'clientSecret'));
    const tokens = credential.tokensIn(home);
    const first = await tokens.getToken(AUDIENCE, never);
    await simulator.control('POST', '/secret/rotate', { revokeOld: true });
    const second = await tokens.getToken(AUDIENCE, never, first);
    expect(second).not.toBe(first);
    expect((await simulator.get('/api/alerts?$top=1', second)).status).toBe(200);
    expect(logs.of('credential_secret_rotated')).toHaveLength(1);
  });

  it('that has expired is refused with what to do, is shown nowhere, and is not tried again at once', async () => {
    const secret = await simulator.readSecret();
    await simulator.control('POST', '/entra/secrets/expire', {});
    const tokens = tokensOf(identityOf(simulator, 'clientSecret'));
    const error = await failureOf(tokens.getToken(AUDIENCE, never));
    expect(error).toMatchObject({
      code: 'credential_refused',
      retryable: false,
      message: expect.stringContaining('(invalid_client, AADSTS7000222): the secret has expired') as string,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(error.message).toMatch(/trace id [0-9a-f-]{36}\.$/);
    expect(shownOf(error)).not.toContain(secret);
    await simulator.control('DELETE', '/requests');
    for (let call = 0; call < 5; call += 1) await failureOf(tokens.getToken(AUDIENCE, never));
    const { requests } = (await simulator.control('GET', '/requests?service=entra')) as {
      requests: unknown[];
    };
    expect(requests).toEqual([]);
    expect(await countRequests('keyVault', 'GET')).toBe(0);
    await simulator.control('POST', '/secret/rotate');
  });

  it('goes on working while Key Vault is down, once it was read', async () => {
    const tokens = tokensOf(identityOf(simulator, 'clientSecret'));
    const first = await tokens.getToken(AUDIENCE, never);
    await simulator.control('POST', '/faults', { service: 'keyVault', effect: { status: 503 } });
    expect(await tokens.getToken(AUDIENCE, never, first)).not.toBe(first);
    expect(await tokens.getToken(GRAPH, never)).toMatch(/^ey/);
  });

  it('that is not in the vault is told with its name and what to check', async () => {
    const settings = identityOf(simulator, 'clientSecret', {
      application: {
        clientId: simulator.company.defenderClientId,
        proof: { kind: 'clientSecret', vaultUrl: simulator.urls.keyVault, name: 'absent' },
      },
    });
    await expect(tokensOf(settings).getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'secret_unavailable',
      retryable: false,
      message: expect.stringMatching(
        /^Read secret 'absent': Key Vault gave 404 SecretNotFound; check DEFENDER_SECRET_NAME and the vault/,
      ) as string,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it('that may not be read is told with the role that is missing', async () => {
    const reader = { principal: 'defender-functions' };
    await simulator.control('POST', '/keyvault/readers', { ...reader, granted: false });
    const tokens = tokensOf(identityOf(simulator, 'clientSecret'));
    await expect(tokens.getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'secret_unavailable',
      retryable: false,
      message: expect.stringContaining("give the identity the role 'Key Vault Secrets User'") as string,
    });
    await simulator.control('POST', '/keyvault/readers', { ...reader, granted: true });
  });

  it('that cannot be asked for, because the identity gets no token, is told as that and not as a fault of the vault', async () => {
    const settings = identityOf(simulator, 'clientSecret', {
      managedIdentityClientId: '00000000-0000-0000-0000-000000000000',
    });
    await expect(tokensOf(settings).getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^credential_(refused|unavailable)$/) as string,
      message: expect.stringContaining('Get a token for Key Vault as the managed identity') as string,
    });
  });

  it('is not waited for beyond the signal', async () => {
    const reason = new Error('the run is over');
    const tokens = tokensOf(identityOf(simulator, 'clientSecret'));
    await expect(tokens.getToken(AUDIENCE, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('a client certificate', () => {
  it.each(['pfx', 'legacyPfx', 'pem'])('works as the vault gives it in the format %s', async (format) => {
    const { certificateName } = simulator.company;
    await simulator.control('PATCH', `/keyvault/certificates/${certificateName}`, { format });
    const token = await tokensOf(identityOf(simulator, 'clientCertificate')).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)?.applicationId).toBe(simulator.company.defenderClientId);
  });

  it('is rotated between two tokens without anybody noticing, in whatever format', async () => {
    const { logs, credential } = create(identityOf(simulator, 'clientCertificate'));
    const tokens = credential.tokensIn(home);
    let token = await tokens.getToken(AUDIENCE, never);
    await simulator.control('POST', '/certificate/rotate', { revokeOld: true, format: 'pem' });
    const next = await tokens.getToken(AUDIENCE, never, token);
    expect(next).not.toBe(token);
    await simulator.control('POST', '/certificate/rotate', { revokeOld: true, format: 'pfx' });
    token = await tokens.getToken(GRAPH, never);
    expect(decodeTokenClaims(token)?.applicationId).toBe(simulator.company.defenderClientId);
    expect(logs.of('credential_secret_rotated')).toHaveLength(2);
  });

  it('that Entra does not know is refused with what to do', async () => {
    // Another pair under the same name, which nobody uploaded.
    const { apiCertificateName, defenderClientId } = simulator.company;
    const settings = identityOf(simulator, 'clientCertificate', {
      application: {
        clientId: defenderClientId,
        proof: { kind: 'clientCertificate', vaultUrl: simulator.urls.keyVault, name: apiCertificateName },
      },
    });
    await expect(tokensOf(settings).getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'credential_refused',
      number: '700027',
      message: expect.stringContaining(
        'upload the certificate in the vault to the app registration',
      ) as string,
    });
  });

  it('that has expired is told as that, without asking Entra', async () => {
    await simulator.control('POST', '/certificate/rotate', { expiresInSeconds: 0 });
    await simulator.control('DELETE', '/requests');
    const tokens = tokensOf(identityOf(simulator, 'clientCertificate'));
    await expect(tokens.getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'certificate_unusable',
      message: expect.stringMatching(
        /it expired on \d{4}-\d{2}-\d{2}; put a new one into the vault/,
      ) as string,
    });
    // Refused requests count too.
    expect((await simulator.control('GET', '/requests?service=entra')).requests).toEqual([]);
    await simulator.control('POST', '/certificate/rotate');
  });

  it('that is a secret by mistake is told as that, and the secret is not shown', async () => {
    const { secretName, defenderClientId } = simulator.company;
    const settings = identityOf(simulator, 'clientCertificate', {
      application: {
        clientId: defenderClientId,
        proof: { kind: 'clientCertificate', vaultUrl: simulator.urls.keyVault, name: secretName },
      },
    });
    const error = await failureOf(tokensOf(settings).getToken(AUDIENCE, never));
    expect(error).toMatchObject({ code: 'certificate_unusable' });
    expect(error.message).toContain('it is neither PEM nor PFX');
    expect(shownOf(error)).not.toContain(await simulator.readSecret());
  });
});

describe('a federated credential', () => {
  it('that does not match says which part to compare', async () => {
    // The system-assigned identity, which no application trusts.
    const settings = identityOf(simulator, 'federated', { managedIdentityClientId: undefined });
    const error = await failureOf(tokensOf(settings).getToken(AUDIENCE, never));
    expect(error).toMatchObject({ code: 'credential_refused', number: '700213' });
    expect(error.message).toContain('compare issuer, subject (the object id of the user-assigned identity)');
    // The assertion, a token in itself.
    expect(shownOf(error)).not.toMatch(/eyJ[\w-]{20,}/);
  });

  it('whose identity gets no token says so, and does not blame the registration', async () => {
    const settings = identityOf(simulator, 'federated', {
      managedIdentityClientId: '00000000-0000-4000-8000-000000000000',
    });
    await expect(tokensOf(settings).getToken(AUDIENCE, never)).rejects.toMatchObject({
      message: expect.stringContaining(
        `Get a token for ${simulator.company.exchangeAudience} as the managed identity, by which`,
      ) as string,
    });
  });
});
