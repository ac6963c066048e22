import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TableServiceClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { permissions } from '../../src/identity/permissions.ts';
import { Api } from '../e2e/support/Api.ts';
import { System, type Functions } from '../e2e/support/System.ts';
import { TestGraph } from './support/startGraph.ts';
import { runTool, type ToolRun } from './support/runTool.ts';

const IDENTITY = { id: 'object-of-the-app', appId: '11111111-2222-4333-8444-555555555555' };
const WANTED = ['Alert.Read.All', 'Machine.Isolate', 'Machine.Read.All'];

let system: System;
let functions: Functions;
let graph: TestGraph;
let folder: string;
let tables: TableServiceClient;

beforeAll(async () => {
  system = await System.start();
  functions = await system.startFunctions(system.withWebhook());
  graph = await TestGraph.start('unused', {
    add: () => Promise.reject(new Error('Nothing is to be added.')),
    remove: () => Promise.reject(new Error('Nothing is to be removed.')),
  });
  folder = await mkdtemp(path.join(tmpdir(), 'defender-functions-verify-'));
  await signInAs('playbooks');
  tables = TableServiceClient.fromConnectionString(system.connectionString, {
    allowInsecureConnection: true,
  });
  for (const name of ['checkpoints', 'ledger', 'alerts', 'operations', 'guards', 'tenants'])
    await tables.createTable(name);
  await system.addAlerts();
  await system.advance();
  await functions.pull();
});
afterAll(async () => {
  await Promise.all([graph.server.close(), system.stop()]);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  grant(['Alert.Read.All', 'Machine.Isolate', 'Machine.Read.All']);
});

/** The directory as the deployment leaves it, with these roles on WindowsDefenderATP. */
function grant(roles: readonly string[]): void {
  const resources = new Map(permissions.map(({ resourceAppId, resource }) => [resourceAppId, resource]));
  const assignments = [
    ...roles.map((role) => ({ resource: 'WindowsDefenderATP', role })),
    { resource: 'Microsoft Graph', role: 'ThreatHunting.Read.All' },
    { resource: 'Microsoft Graph', role: 'SecurityIncident.Read.All' },
  ];
  graph.principals.splice(
    0,
    graph.principals.length,
    { ...IDENTITY, displayName: 'id-app', appRoles: [], assignments },
    ...[...resources].map(([appId, displayName]) => ({
      id: `object-of-${appId}`,
      appId,
      displayName,
      assignments: [],
      appRoles: [...permissions.map(({ role }) => role), 'Machine.ReadWrite.All'].map((value) => ({
        id: `id-of-${value}`,
        value,
      })),
    })),
  );
}

async function signInAs(name: string): Promise<void> {
  const token = await new Api(system, functions.host.url).tokenOf(name);
  await writeFile(path.join(folder, 'caller.json'), JSON.stringify({ url: functions.host.url, token }));
}

async function verify(env: Record<string, string> = {}, ...args: string[]): Promise<ToolRun> {
  const { urls, identityHeader, caFile } = system.simulator;
  const run = await runTool('verifyAzure.ts', args, {
    LOCAL_DATA_FOLDER: folder,
    AzureWebJobsStorage: system.connectionString,
    APP_IDENTITY_CLIENT_ID: IDENTITY.appId,
    DEFENDER_CREDENTIAL: 'managedIdentity',
    GRAPH_API_URL: graph.server.url,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    IDENTITY_ENDPOINT: urls.identity,
    IDENTITY_HEADER: identityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
    ...env,
  });
  expect(run.output).not.toMatch(/eyJ|AccountKey|^ +at /m);
  return run;
}

/** The row with this name, its spaces as one. */
function row({ output }: ToolRun, name: string): string {
  const found = output.split('\n').find((line) => line.includes(`  ${name} `)) ?? '';
  return found.replaceAll(/ +/g, ' ');
}

describe('npm run verify:azure', () => {
  it('finds everything right with a deployment that is', async () => {
    const run = await verify();
    expect(run.output).toContain('19 ok, 0 failed, 0 could not be looked at');
    expect(run.status).toBe(0);
    expect(row(run, 'identity of the app')).toBe(
      'ok identity of the app id-app, object id object-of-the-app',
    );
    expect(row(run, 'granted on WindowsDefenderATP')).toContain(WANTED.join(', '));
    expect(row(run, 'a caller without a token')).toContain('GET /api/operations: 401');
    expect(row(run, 'the last pull (Alert.Read.All)')).toMatch(/^ok .*\d{4}-\d\d-\d\dT\S+Z, -?\d+ s behind$/);
  });

  it('changes nothing: no action, no operation, no row', async () => {
    await verify();
    const { requests } = (await system.control('GET', '/requests?service=defender')) as {
      requests: { method: string }[];
    };
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(graph.server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('fails for a role that is missing, and for one that no feature needs', async () => {
    grant(['Alert.Read.All', 'Machine.Read.All']);
    const missing = await verify();
    expect(missing.status).toBe(1);
    expect(row(missing, 'granted on WindowsDefenderATP')).toMatch(/^failed .*Missing: Machine\.Isolate\./);
    grant([...WANTED, 'Machine.ReadWrite.All']);
    const extra = await verify();
    expect(extra.status).toBe(1);
    expect(row(extra, 'granted on WindowsDefenderATP')).toContain(
      'More than its features need: Machine.ReadWrite.All.',
    );
  });

  it('expects nothing for a feature that is switched off, and calls what is left of it too much', async () => {
    const env = { ACT_ON_DEVICES: 'false' };
    expect(row(await verify(env), 'granted on WindowsDefenderATP')).toContain(
      'Machine.Isolate, Machine.Read.All',
    );
    grant(['Alert.Read.All']);
    const run = await verify(env);
    expect([run.status, row(run, 'a device look-up (Machine.Read.All)')]).toEqual([
      0,
      expect.stringMatching(/^off /),
    ]);
  });

  it('fails for a delegated scope that is missing, and for one that lets people do more', async () => {
    const api = { id: 'object-of-the-api', appId: 'client-of-the-api', displayName: 'API' };
    const terminal = { id: 'object-of-the-client', appId: 'client-of-the-terminal', displayName: 'Terminal' };
    const look = async (scopes: { ofApi: string; ofTerminal: string }) => {
      grant(WANTED);
      const common = { appRoles: [], assignments: [] };
      const graphScopes = {
        resource: 'Microsoft Graph',
        scope: 'ThreatHunting.Read.All SecurityIncident.Read.All',
      };
      graph.principals.push(
        { ...api, ...common, grants: [{ resource: 'WindowsDefenderATP', scope: scopes.ofApi }, graphScopes] },
        {
          ...terminal,
          ...common,
          grants: [{ resource: 'WindowsDefenderATP', scope: scopes.ofTerminal }, graphScopes],
        },
      );
      return await verify({ ON_BEHALF_OF_CLIENT_ID: api.appId, PUBLIC_CLIENT_ID: terminal.appId });
    };
    const all = 'Machine.Isolate Machine.Read Alert.Read';
    const right = await look({ ofApi: all, ofTerminal: 'Alert.Read openid offline_access' });
    expect(row(right, 'granted on behalf of people')).toMatch(/^ok .*Machine\.Isolate/);
    expect(row(right, 'granted to people at a terminal')).toMatch(/^ok .*Alert\.Read/);
    const wrong = await look({ ofApi: 'Machine.Read Alert.Read', ofTerminal: all });
    expect(wrong.status).toBe(1);
    expect(row(wrong, 'granted on behalf of people')).toContain(
      'Missing: Machine.Isolate of WindowsDefenderATP.',
    );
    expect(row(wrong, 'granted to people at a terminal')).toContain(
      'More than its features need: Machine.Isolate of WindowsDefenderATP, Machine.Read of WindowsDefenderATP.',
    );
  });

  it('shows that the token lacks a role although the directory has granted it', async () => {
    const role = {
      principal: 'defender-functions-identity',
      resource: 'WindowsDefenderATP',
      role: 'Machine.Read.All',
    };
    await system.control('POST', '/entra/roles', { ...role, granted: false });
    await system.control('DELETE', '/identity/cache');
    const other = await system.startFunctions();
    const token = await new Api(system, other.host.url).tokenOf('playbooks');
    await writeFile(path.join(folder, 'caller.json'), JSON.stringify({ url: other.host.url, token }));
    const run = await verify();
    expect(run.status).toBe(1);
    expect(row(run, 'granted on WindowsDefenderATP')).toMatch(/^ok /);
    expect(row(run, 'a device look-up (Machine.Read.All)')).toMatch(
      /^failed .*502 defender_permission_missing/,
    );
    await system.control('POST', '/entra/roles', { ...role, granted: true });
    await system.control('DELETE', '/identity/cache');
    await signInAs('playbooks');
  });

  it('fails for a table that is not there', async () => {
    await tables.deleteTable('guards');
    const run = await verify();
    await tables.createTable('guards');
    expect([run.status, row(run, 'table guards')]).toEqual([
      1,
      'failed table guards 404 TableNotFound: it is not there.',
    ]);
  });

  it('fails loudly for an app that lets in whoever calls', async () => {
    const open = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"up"}');
    }).listen(0, '127.0.0.1');
    await once(open, 'listening');
    const url = `http://127.0.0.1:${(open.address() as AddressInfo).port}`;
    await writeFile(path.join(folder, 'caller.json'), JSON.stringify({ url, token: 'x' }));
    const run = await verify();
    open.close();
    open.closeAllConnections();
    await signInAs('playbooks');
    expect(run.status).toBe(1);
    for (const name of ['a caller without a token', 'a caller with a forged token'])
      expect(row(run, name)).toMatch(
        /^failed .*200 instead of 401\. Stop the app until callers are checked\.$/,
      );
  });

  it('says what it could not look at, and for want of what, instead of calling it right', async () => {
    await signInAs('hunters');
    graph.refuse(/appRoleAssignments/, 403, 'Authorization_RequestDenied');
    const run = await verify({ APP_IDENTITY_CLIENT_ID: '' });
    graph.reset();
    await signInAs('playbooks');
    expect(run.status).toBe(2);
    expect(row(run, 'identity of the app')).toBe(
      'unknown identity of the app APP_IDENTITY_CLIENT_ID is not known.',
    );
    expect(row(run, 'a device look-up (Machine.Read.All)')).toMatch(/^unknown .*403 caller_role_missing/);
  });

  it('does not wait for what is right, nor for a time that is none', async () => {
    const run = await verify({}, '--wait', 'PT10M');
    expect([run.status, run.output]).toEqual([0, expect.not.stringContaining('looking again')]);
    const wrong = await verify({}, '--wait', 'soon');
    expect([wrong.status, wrong.output]).toEqual([
      1,
      expect.stringContaining('--wait must be an ISO 8601 duration'),
    ]);
  });

  it('says where to begin when there is nothing to look at', async () => {
    const { status, output } = await verify({ LOCAL_DATA_FOLDER: path.join(folder, 'nowhere') });
    expect([status, output]).toEqual([
      1,
      'Start the local system with npm start, or set API_URL and API_AUDIENCE.\n',
    ]);
  });
});
