import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createManagedIdentity, createTokenSource } from '../../src/identity/createTokenSource.ts';
import { decodeTokenClaims } from '../../src/identity/decodeTokenClaims.ts';
import { createKeyVaultReader } from '../../src/identity/keyVaultSecret.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import type { IdentitySettings } from '../../src/settings/parseSettings.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { collectLogs } from '../support/collectLogs.ts';

const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const never = new AbortController().signal;

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());
afterEach(() => simulator.control('DELETE', '/faults'));

function identitySettings(changes: Partial<IdentitySettings> = {}): IdentitySettings {
  const { tenantId } = simulator.company;
  return {
    tenantId,
    authorityHost: simulator.urls.entra,
    managedIdentityClientId: undefined,
    clientSecret: undefined,
    ...changes,
  };
}

function bySecret(): IdentitySettings {
  const { defenderClientId: clientId, secretName } = simulator.company;
  return identitySettings({ clientSecret: { clientId, secretName, vaultUrl: simulator.urls.keyVault } });
}

const create = (settings: IdentitySettings) => createTokenSource(settings, systemClock, collectLogs().logger);

describe('tokens by managed identity', () => {
  it('are those of the system-assigned identity, for the audience that was asked for', async () => {
    const token = await create(identitySettings()).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)).toMatchObject({
      roles: expect.arrayContaining(['Alert.Read.All']) as unknown,
    });
    expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(200);
  });

  it('are those of the user-assigned identity when that is named', async () => {
    const managedIdentityClientId = simulator.company.userAssignedClientId;
    const token = await create(identitySettings({ managedIdentityClientId })).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)?.applicationId).toBe(managedIdentityClientId);
  });

  it('are refused for good when no such identity is assigned', async () => {
    const managedIdentityClientId = '00000000-0000-4000-8000-000000000000';
    const tokens = create(identitySettings({ managedIdentityClientId }));
    await expect(tokens.getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^credential_(refused|unavailable)$/) as string,
      message: expect.stringContaining(AUDIENCE) as string,
    });
  });
});

describe('tokens by client secret', () => {
  it('are got with the secret that lies in Key Vault', async () => {
    const token = await create(bySecret()).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)?.applicationId).toBe(simulator.company.defenderClientId);
    expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(200);
  });

  it('go on with the new secret when it is rotated between two of them', async () => {
    const tokens = create(bySecret());
    const first = await tokens.getToken(AUDIENCE, never);
    await simulator.control('POST', '/secret/rotate', { revokeOld: true });
    const second = await tokens.getToken(AUDIENCE, never, first);
    expect(second).not.toBe(first);
    expect((await simulator.get('/api/alerts?$top=1', second)).status).toBe(200);
  });

  it('are refused with what to do when Entra does not know the secret, which is shown nowhere', async () => {
    const secret = await simulator.readSecret();
    await simulator.control('POST', '/entra/secrets/revoke', {});
    const [outcome] = await Promise.allSettled([create(bySecret()).getToken(AUDIENCE, never)]);
    if (outcome.status === 'fulfilled') throw new Error('it was not refused');
    const error = outcome.reason as Error;
    expect(error).toMatchObject({
      code: 'credential_refused',
      retryable: false,
      message: expect.stringContaining('(invalid_client, AADSTS7000215): the secret is wrong') as string,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect([error.message, error.stack].join()).not.toContain(secret);
    await simulator.control('POST', '/secret/rotate');
  });

  it('are unavailable, not refused, while Entra fails', async () => {
    await simulator.control('POST', '/faults', { service: 'entra', effect: { status: 503 } });
    await expect(create(bySecret()).getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'credential_unavailable',
      retryable: true,
    });
  });

  it('are unavailable, not refused, when nobody listens at the authority', async () => {
    const tokens = create({ ...bySecret(), authorityHost: 'https://127.0.0.1:9' });
    await expect(tokens.getToken(AUDIENCE, never)).rejects.toMatchObject({ code: 'credential_unavailable' });
  });
});

describe('the secret in Key Vault', () => {
  const read = (secretName: string) =>
    createKeyVaultReader(simulator.urls.keyVault, secretName, createManagedIdentity(undefined))(never);

  it('is read with its version', async () => {
    const { value, version } = await read(simulator.company.secretName);
    expect(value).toBe(await simulator.readSecret());
    expect(version).toMatch(/^[0-9a-f]{32}$/);
  });

  it('that cannot be asked for, because the identity gets no token, is told as that and not as a fault of the vault', async () => {
    const unknown = createManagedIdentity('00000000-0000-0000-0000-000000000000');
    const { secretName } = simulator.company;
    await expect(
      createKeyVaultReader(simulator.urls.keyVault, secretName, unknown)(never),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^credential_(refused|unavailable)$/) as string,
      message: expect.stringContaining('Get a token for Key Vault') as string,
    });
  });

  it('that is not there is told with its name and what to check', async () => {
    await expect(read('absent')).rejects.toMatchObject({
      code: 'secret_unavailable',
      retryable: false,
      message: expect.stringMatching(
        /^Read secret 'absent': Key Vault gave 404 SecretNotFound; check DEFENDER_SECRET_NAME and KEY_VAULT_URL\./,
      ) as string,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it('that may not be read is told with the role that is missing', async () => {
    const reader = { principal: 'defender-functions' };
    await simulator.control('POST', '/keyvault/readers', { ...reader, granted: false });
    await expect(read(simulator.company.secretName)).rejects.toMatchObject({
      code: 'secret_unavailable',
      retryable: false,
      message: expect.stringContaining("give the identity the role 'Key Vault Secrets User'") as string,
    });
    await simulator.control('POST', '/keyvault/readers', { ...reader, granted: true });
  });

  it('is not waited for beyond the signal', async () => {
    const reason = new Error('the run is over');
    const reader = createKeyVaultReader(simulator.urls.keyVault, 'x', createManagedIdentity(undefined));
    await expect(reader(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
