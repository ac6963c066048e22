import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { simulatorSettings } from '../../local/simulatorSettings.ts';
import type { AccessReport } from '../../src/doctor/AccessReport.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { json, plain, startServer, type TestServer } from '../support/startServer.ts';
import { runTool, type ToolRun } from './support/runTool.ts';

const LEAK = /eyJ[\w-]{10,}|CANARY/;

describe('npm run doctor', () => {
  let server: TestServer;
  let folder: string;
  beforeEach(async () => {
    server = await startServer();
    folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
    const caller = { url: server.url, token: 'CANARY-caller', operatorToken: 'CANARY-operator' };
    await writeFile(path.join(folder, 'caller.json'), JSON.stringify(caller));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });
  const run = (...args: string[]): Promise<ToolRun> =>
    runTool('doctor.ts', args, { LOCAL_DATA_FOLDER: folder });

  const report: AccessReport = {
    tenant: { id: 't-1', name: 'home' },
    isReady: true,
    credential: { kind: 'federated', clientId: 'app-1' },
    findings: [{ step: 'settings', status: 'ok', text: 'All settings are valid.' }],
    tokens: [],
    features: [],
    calls: [],
    problems: [],
  };
  const failed: AccessReport = {
    ...report,
    isReady: false,
    findings: [
      ...report.findings,
      {
        step: 'permission',
        about: 'pullAlerts',
        status: 'failed',
        text: 'Missing \u001b[31mred',
        advice: 'Run this',
        command: 'az rest',
        code: 'defender_permission_missing',
        requestId: 'r-1',
      },
    ],
    problems: [{ code: 'defender_permission_missing', message: 'Missing' }],
  };

  it('asks the app, as an operator, and ends with 0 when all is ready', async () => {
    server.answerWith(json(200, report));
    const { status, stdout, stderr } = await run('--tenant', 'fabrikam & co');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('Tenant home (t-1), signing in by federated app-1');
    expect(stdout.trim().endsWith('Ready.')).toBe(true);
    expect(server.requests[0]).toMatchObject({
      path: '/api/access?tenant=fabrikam%20%26%20co',
      headers: { authorization: 'Bearer CANARY-operator' },
    });
    expect(stdout).not.toMatch(LEAK);
  });

  it('ends with 1 when something failed, and says what to do in words that no terminal obeys', async () => {
    server.answerWith(json(200, failed));
    const { status, stdout } = await run();
    expect(status).toBe(1);
    expect(stdout).toContain('FAILED');
    expect(stdout).toContain('(defender_permission_missing, request id r-1)\n  Run this\n  az rest');
    expect(stdout).toContain('Not ready: 1 of the above failed.');
    expect(stdout).not.toContain('\u001b');
  });

  it('prints the report itself as JSON', async () => {
    server.answerWith(json(200, failed));
    const { status, stdout } = await run('--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual(failed);
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    ['the app refuses', json(403, { detail: 'The caller lacks the role Defender.Admin.' }), 'Defender.Admin'],
    ['there is no such tenant', json(404, { detail: 'There is no tenant.' }), 'There is no tenant.'],
    ['its settings are wrong', json(503, { detail: 'The app cannot tell who calls.' }), '--here'],
    ['something else answers', plain(200, '<html>'), 'not this app'],
    ['a report is none', json(200, { hello: 'world' }), 'answered 200'],
  ])('ends with 2 when %s', async (_, answer, message) => {
    server.answerWith(answer);
    const { status, stdout, stderr } = await run();
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(LEAK);
    // One sentence, no stack.
    expect(stderr).not.toContain('    at ');
  });

  it('ends with 2 when the app cannot be reached, was never started, or the option is none', async () => {
    await server.close();
    expect(await run()).toMatchObject({ status: 2, stderr: expect.stringContaining('reached') as string });
    await rm(path.join(folder, 'caller.json'));
    expect(await run()).toMatchObject({ status: 2, stderr: expect.stringContaining('npm start') as string });
    expect(await run('--nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage') as string,
    });
  });
});

describe('npm run doctor -- --here', () => {
  let simulator: TestSimulator;
  let folder: string;
  beforeAll(async () => {
    simulator = await startTestSimulator();
    folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
  });
  afterAll(async () => {
    await simulator.stop();
    await rm(folder, { recursive: true });
  });
  const settings = (changes: Record<string, string> = {}) => ({
    ...simulatorSettings(simulator),
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    PUBLIC_BASE_URL: 'https://contoso.example',
    ...changes,
  });

  it('looks with the settings of its environment, and ends with 0', async () => {
    const { status, stdout, stderr } = await runTool('doctor.ts', ['--here'], settings());
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('signing in by managedIdentity');
    expect(stdout).not.toMatch(LEAK);
    expect(stdout).not.toContain(simulator.identityHeader);
  });

  it('names the role that a managed identity lacks, with the command for that identity', async () => {
    const row = permissionTable.isolateDevices;
    const { systemAssignedPrincipalId: principal } = simulator.company;
    const change = (granted: boolean) =>
      simulator.control('POST', '/entra/roles', {
        principal,
        resource: row.resource,
        role: row.role,
        granted,
      });
    await change(false);
    await simulator.control('DELETE', '/identity/cache');
    const { status, stdout } = await runTool('doctor.ts', ['--here', '--json'], settings());
    await change(true);
    await simulator.control('DELETE', '/identity/cache');
    expect(status).toBe(1);
    const report = JSON.parse(stdout) as AccessReport;
    const lacking = report.features.filter(({ isGranted }) => isGranted === false);
    expect(lacking).toMatchObject([{ feature: 'actOnDevices', missing: ['Machine.Isolate'] }]);
    const applicationId = report.tokens[0]?.applicationId ?? '';
    expect(lacking[0]?.command).toContain(`az ad sp show --id '${applicationId}'`);
  });

  it('uses those of the local system when the environment has none', async () => {
    await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings()));
    const { status, stderr } = await runTool('doctor.ts', ['--here'], { LOCAL_DATA_FOLDER: folder });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('tells all faults of the settings at once, and ends with 1', async () => {
    const { status, stdout } = await runTool('doctor.ts', ['--here'], {
      DEFENDER_TENANT_ID: 'contoso.example',
      DEFENDER_CREDENTIAL: 'clientSecret',
      DEFENDER_CLIENT_ID: 'CANARY',
    });
    expect(status).toBe(1);
    for (const name of [
      'DEFENDER_CLIENT_ID',
      'DEFENDER_SECRET_NAME',
      'KEY_VAULT_URL',
      'AzureWebJobsStorage',
    ]) {
      expect(stdout).toContain(name);
    }
    expect(stdout).not.toMatch(LEAK);
  });

  it('wants the id of another tenant, because only the app knows names', async () => {
    const { status, stderr } = await runTool('doctor.ts', ['--here', '--tenant', 'fabrikam'], settings());
    expect(status).toBe(2);
    expect(stderr).toContain('by its id');
  });

  it('says that a managed identity is in one tenant only', async () => {
    const tenant = '00000000-0000-4000-8000-000000000001';
    const { status, stdout } = await runTool('doctor.ts', ['--here', '--tenant', tenant], settings());
    expect(status).toBe(1);
    expect(stdout).toContain('multi-tenant app registration');
  });
});
