import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { runTool, type ToolRun } from './support/runTool.ts';
import { TestGraph } from './support/startGraph.ts';
import { TestVault } from './support/TestVault.ts';

const DAY_MS = 24 * 60 * 60_000;
const CLIENT = '11111111-2222-4333-8444-555555555555';

let simulator: TestSimulator;
let graph: TestGraph;
let vault: TestVault;

beforeAll(async () => {
  simulator = await startTestSimulator();
  graph = await TestGraph.start(CLIENT, {
    add: () => Promise.reject(new Error('Nothing is to be added.')),
    remove: () => Promise.reject(new Error('Nothing is to be removed.')),
  });
  vault = await TestVault.start();
});
afterAll(async () => {
  await Promise.all([graph.server.close(), vault.server.close(), simulator.stop()]);
});
beforeEach(() => {
  graph.reset();
  vault.reset();
});

async function rotate(args: readonly string[] = [], env: Record<string, string> = {}): Promise<ToolRun> {
  const { urls, company, identityHeader, caFile } = simulator;
  const run = await runTool('rotateSecret.ts', args, {
    DEFENDER_TENANT_ID: company.tenantId,
    DEFENDER_CREDENTIAL: 'clientCertificate',
    DEFENDER_CLIENT_ID: CLIENT,
    DEFENDER_CERTIFICATE_NAME: 'defender-client-certificate',
    KEY_VAULT_URL: vault.server.url,
    GRAPH_API_URL: graph.server.url,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    AZURE_AUTHORITY_HOST: urls.entra,
    IDENTITY_ENDPOINT: urls.identity,
    IDENTITY_HEADER: identityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
    ...env,
  });
  for (const { privateKey } of vault.versions) expect(run.output).not.toContain(privateKey);
  expect(run.output).not.toMatch(/^ +at /m);
  return run;
}

const known = () => graph.keys.map(({ key }) => key);

describe('npm run rotate-secret, where the deployment signs in with a certificate', () => {
  it('lets the vault make one that the app can read, and tells the application its public part', async () => {
    vault.pendingPolls = 1;
    const { status, output } = await rotate(['--lifetime', 'P90D']);
    expect(output).toMatch(/^A new certificate is in Key Vault\. It lasts until 2\S+Z\.$/m);
    expect(status).toBe(0);
    const [made] = vault.versions;
    expect(known()).toEqual([made?.cer]);
    const { validTo } = new X509Certificate(Buffer.from(made?.cer ?? '', 'base64'));
    expect(Math.round((Date.parse(validTo) - Date.now()) / DAY_MS)).toBeGreaterThan(85);
    expect(vault.policy).toMatchObject({
      issuer: { name: 'Self' },
      key_props: { exportable: true, reuse_key: false },
      x509_props: { validity_months: 3 },
    });
    // One that the vault made by itself would be unknown to the application.
    expect(JSON.stringify(vault.policy?.lifetime_actions)).not.toContain('AutoRenew');
  });

  it('lets the one before go on for the grace period, then removes it and disables its version', async () => {
    await rotate();
    graph.age(DAY_MS);
    await rotate();
    expect(graph.keys).toHaveLength(2);
    graph.age(2 * DAY_MS);
    const { output } = await rotate(['--remove-old']);
    expect(output).toContain('Removed 1 that were replaced longer ago than P1D.');
    expect(known()).toEqual([vault.versions[1]?.cer]);
    expect(vault.versions.map(({ enabled }) => enabled)).toEqual([false, true]);
  });

  it('never removes what it did not make', async () => {
    await rotate();
    const other = { ...graph.keys[0], keyId: 'by-hand', displayName: 'by hand' } as (typeof graph.keys)[0];
    graph.keys.unshift(other);
    await rotate(['--grace', 'PT0S']);
    expect(graph.keys.map(({ displayName }) => displayName)).toEqual([
      'by hand',
      'defender-functions rotate-secret',
    ]);
  });

  it('makes nothing that the application would not know when Graph refuses beforehand', async () => {
    graph.refuse(/^PATCH /, 403, 'Authorization_RequestDenied');
    const { status, output } = await rotate();
    expect([status, output]).toEqual([
      1,
      expect.stringContaining('Set certificates: Microsoft Graph: HTTP 403 Authorization_RequestDenied.'),
    ]);
    expect(vault.versions).toEqual([]);
  });

  it('finishes what was interrupted instead of making another', async () => {
    await rotate();
    graph.keys.splice(0);
    expect((await rotate(['--if-needed'])).output).toContain('A new certificate is in Key Vault.');
    expect(vault.versions).toHaveLength(1);
    expect(known()).toEqual([vault.versions[0]?.cer]);
  });

  it('names the role that is missing on the vault', async () => {
    vault.isOfficer = false;
    const { status, output } = await rotate();
    expect([status, output]).toEqual([
      1,
      expect.stringContaining(
        "List versions of certificate 'defender-client-certificate': Key Vault: HTTP 403 Forbidden. You need the role 'Key Vault Certificates Officer'",
      ),
    ]);
  });

  it('with --if-needed makes the first one, and none when it is run again', async () => {
    await rotate(['--if-needed']);
    const { output } = await rotate(['--if-needed']);
    expect(output).toMatch(/^The certificate in Key Vault lasts until /);
    expect(vault.versions).toHaveLength(1);
  });

  it('with --if-needed replaces one that ends within 30 days', async () => {
    await rotate(['--lifetime', 'P1D']);
    const [made] = vault.versions;
    if (made) vault.versions[0] = { ...made, exp: Math.floor(Date.now() / 1000) + 20 * 24 * 60 * 60 };
    await rotate(['--if-needed']);
    expect(vault.versions).toHaveLength(2);
  });
});
