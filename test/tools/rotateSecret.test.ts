import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient, type SecretProperties } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { TestGraph } from './support/startGraph.ts';
import { runTool, type ToolRun } from './support/runTool.ts';

const DAY_MS = 24 * 60 * 60_000;
const SCOPE = 'https://graph.microsoft.com/.default';

let simulator: TestSimulator;
let graph: TestGraph;
let vault: SecretClient;
/** Everything that was ever a secret. */
let values: string[];

beforeAll(async () => {
  simulator = await startTestSimulator();
  values = [await simulator.readSecret()];
  graph = await TestGraph.start(simulator.company.defenderClientId, {
    async add(expiresInSeconds) {
      const made = (await simulator.control('POST', '/entra/secrets', { expiresInSeconds })) as {
        keyId: string;
        secretText: string;
      };
      values.push(made.secretText);
      return made;
    },
    async remove(keyId) {
      await simulator.control('POST', '/entra/secrets/revoke', { keyId });
    },
  });
  vault = new SecretClient(simulator.urls.keyVault, new ManagedIdentityCredential(), {
    disableChallengeResourceVerification: true,
  });
});
afterAll(async () => {
  await Promise.all([graph.server.close(), simulator.stop()]);
});

/** A new application, whose secret was never made, and an operator who may set it. */
beforeEach(async () => {
  graph.reset();
  await simulator.control('POST', '/keyvault/officers', { principal: 'defender-functions' });
  await simulator.tryControl('DELETE', `/keyvault/secrets/${simulator.company.secretName}`);
});

async function rotate(args: readonly string[] = [], env: Record<string, string> = {}): Promise<ToolRun> {
  const { urls, company, identityHeader, caFile } = simulator;
  const run = await runTool('rotateSecret.ts', args, {
    DEFENDER_TENANT_ID: company.tenantId,
    DEFENDER_CLIENT_ID: company.defenderClientId,
    DEFENDER_SECRET_NAME: company.secretName,
    DEFENDER_CREDENTIAL: 'clientSecret',
    KEY_VAULT_URL: urls.keyVault,
    AZURE_AUTHORITY_HOST: urls.entra,
    GRAPH_API_URL: graph.server.url,
    // The operator's own sign-in; here the simulated machine has one.
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    IDENTITY_ENDPOINT: urls.identity,
    IDENTITY_HEADER: identityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
    ...env,
  });
  for (const value of values) expect(run.output).not.toContain(value);
  return run;
}

async function versions(): Promise<SecretProperties[]> {
  const found = [];
  for await (const one of vault.listPropertiesOfSecretVersions(simulator.company.secretName)) found.push(one);
  return found;
}

describe('npm run rotate-secret', () => {
  it('makes a secret that Entra takes and puts it into the vault with its expiry, without showing it', async () => {
    const { status, output } = await rotate(['--lifetime', 'P90D']);
    expect(output).toMatch(/^A new client secret is in Key Vault\. It lasts until 2\S+Z\.$/m);
    expect(status).toBe(0);
    const { value = '', properties } = await vault.getSecret(simulator.company.secretName);
    expect(value).toBe(values.at(-1));
    const daysLeft = ((properties.expiresOn?.getTime() ?? 0) - Date.now()) / DAY_MS;
    expect(Math.round(daysLeft)).toBe(90);
    expect(properties.tags?.keyId).toBe(graph.passwords[0]?.keyId);
    await expect(simulator.signIn(value).getToken(SCOPE)).resolves.toBeDefined();
  });

  it('lets the secret before go on for the grace period, then removes it and disables its version', async () => {
    await rotate();
    await rotate();
    const [first = '', second = ''] = values.slice(-2);
    await expect(simulator.signIn(first).getToken(SCOPE)).resolves.toBeDefined();
    graph.age(2 * DAY_MS);
    const { output } = await rotate(['--remove-old']);
    expect(output).toContain('Removed 1 that were replaced longer ago than P1D.');
    await expect(simulator.signIn(first).getToken(SCOPE)).rejects.toThrow('AADSTS7000215');
    await expect(simulator.signIn(second).getToken(SCOPE)).resolves.toBeDefined();
    expect((await versions()).map(({ enabled }) => enabled)).toEqual([false, true]);
  });

  it('removes at once with a grace period of zero, as after a leak, and never what it did not make', async () => {
    graph.passwords.push({
      keyId: 'made-in-the-portal',
      displayName: 'by hand',
      startDateTime: '2026-01-01T00:00:00Z',
      endDateTime: '2028-01-01T00:00:00Z',
    });
    await rotate();
    await rotate(['--grace', 'PT0S']);
    expect(graph.passwords.map(({ displayName }) => displayName)).toEqual([
      'by hand',
      'defender-functions rotate-secret',
    ]);
  });

  it('leaves neither an unknown secret nor a new version behind when the vault does not take it', async () => {
    await simulator.control('POST', '/keyvault/officers', {
      principal: 'defender-functions',
      granted: false,
    });
    const { status, output } = await rotate();
    expect(status).toBe(1);
    expect(output).toMatch(
      /^Set secret 'defender-client-secret': Key Vault: HTTP 403 Forbidden\. You need the role 'Key Vault Secrets Officer' on the vault, and its network rules must let you through\.$/m,
    );
    expect(output).not.toMatch(/^ +at /m);
    expect(graph.passwords).toEqual([]);
    await expect(simulator.signIn(values.at(-1) ?? '').getToken(SCOPE)).rejects.toThrow('AADSTS7000215');
    await simulator.control('POST', '/keyvault/officers', { principal: 'defender-functions' });
    expect(await versions()).toEqual([]);
  });

  it('says which key to remove by hand when it cannot take a secret back', async () => {
    await simulator.control('POST', '/keyvault/officers', {
      principal: 'defender-functions',
      granted: false,
    });
    graph.refuse(/removePassword/, 403, 'Authorization_RequestDenied');
    const { status, output } = await rotate();
    expect(status).toBe(1);
    expect(output).toContain(
      `The secret with key id ${graph.passwords[0]?.keyId ?? '?'} could not be removed again`,
    );
  });

  it('names the right that is missing when Graph refuses, and what to sign in to', async () => {
    graph.refuse(/addPassword/, 403, 'Authorization_RequestDenied');
    const { status, output } = await rotate();
    expect(status).toBe(1);
    expect(output).toMatch(
      /^Add secret: Microsoft Graph: HTTP 403 Authorization_RequestDenied\. You need to own the application, .*Request id /m,
    );
    const unsigned = await rotate([], { IDENTITY_HEADER: 'wrong' });
    expect(unsigned.status).toBe(1);
    expect(unsigned.output).not.toMatch(/^ +at /m);
  });

  it('asks Graph again when it is throttled, and adds one secret only', async () => {
    graph.refuse(/addPassword/, 429, 'TooManyRequests', 1);
    expect((await rotate()).status).toBe(0);
    expect(graph.passwords).toHaveLength(1);
  });

  it.each([
    [['--lifetime', 'tomorrow'], {}, '--lifetime must be an ISO 8601 duration'],
    [['--force'], {}, 'Usage:'],
    [['--of', 'everybody'], {}, '--of must be defender or api.'],
    [[], { DEFENDER_CLOUD: 'moon' }, 'DEFENDER_CLOUD must be one of global, gcc, gccHigh, dod.'],
    [
      [],
      { KEY_VAULT_URL: '', DEFENDER_CLIENT_ID: '' },
      'Not known: DEFENDER_CLIENT_ID, KEY_VAULT_URL. Set them',
    ],
    [[], { DEFENDER_CREDENTIAL: 'managedIdentity' }, 'There is no secret or certificate to rotate.'],
    [['--remove-old'], {}, 'The vault holds no client secret that this command made. Nothing was removed.'],
  ])('refuses %j with %j in words that say what to do', async (args, env, message) => {
    const { status, output } = await rotate(args, env);
    expect([status, output]).toEqual([1, expect.stringContaining(message)]);
    expect(graph.passwords).toEqual([]);
  });
});

describe('npm run rotate-secret -- --if-needed, which azd runs after provisioning', () => {
  it('makes the first secret, and none when it is run again', async () => {
    expect((await rotate(['--if-needed'])).output).toContain('A new client secret is in Key Vault.');
    const again = await rotate(['--if-needed']);
    expect([again.status, again.output]).toEqual([
      0,
      expect.stringMatching(/^The client secret in Key Vault lasts until /),
    ]);
    expect(graph.passwords).toHaveLength(1);
  });

  it('replaces a secret that ends within 30 days', async () => {
    await rotate(['--lifetime', 'P20D']);
    await rotate(['--if-needed']);
    expect(graph.passwords).toHaveLength(2);
  });

  it('leaves a secret alone that somebody put there by other means', async () => {
    await vault.setSecret(simulator.company.secretName, values[0] ?? '');
    const { status, output } = await rotate(['--if-needed']);
    expect([status, output]).toEqual([0, expect.stringContaining('it was put there by other means')]);
    expect(graph.passwords).toEqual([]);
  });

  it('makes that of the API as well, where the API proves itself by one', async () => {
    const api = {
      ON_BEHALF_OF_CREDENTIAL: 'clientSecret',
      ON_BEHALF_OF_CLIENT_ID: simulator.company.defenderClientId,
      ON_BEHALF_OF_SECRET_NAME: 'on-behalf-of-client-secret',
    };
    await simulator.tryControl('DELETE', '/keyvault/secrets/on-behalf-of-client-secret');
    const { status, output } = await rotate(['--if-needed'], api);
    expect([status, output]).toEqual([
      0,
      expect.stringMatching(/A new client secret is in .*\n.*\nA new client secret of the API is in /),
    ]);
    await expect(vault.getSecret('on-behalf-of-client-secret')).resolves.toMatchObject({
      value: values.at(-1),
    });
    const only = await rotate(['--of', 'api'], api);
    expect(only.output).not.toMatch(/A new client secret is in/);
    // Nothing is done on behalf of people there.
    const off = await rotate(['--if-needed'], { ...api, ON_BEHALF_OF_CLIENT_ID: '' });
    expect(off.output).not.toContain('of the API');
  });

  it('does nothing where the app has no secret', async () => {
    const before = graph.server.requests.length;
    const { status, output } = await rotate(['--if-needed'], { DEFENDER_CREDENTIAL: 'managedIdentity' });
    expect([status, output]).toEqual([
      0,
      'DEFENDER_CREDENTIAL is managedIdentity, ON_BEHALF_OF_CREDENTIAL is not set. No secret or certificate is needed.\n',
    ]);
    expect(graph.server.requests).toHaveLength(before);
  });
});
