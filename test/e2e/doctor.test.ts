import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessReport } from '../../src/doctor/AccessReport.ts';
import { accessSchema } from '../../src/http/accessSchema.ts';
import { runTool } from '../tools/support/runTool.ts';
import { Api, codeOf } from './support/Api.ts';
import { System } from './support/System.ts';

let system: System;
let url: string;
let api: Api;
beforeAll(async () => {
  system = await System.start();
  const AZURE_CLIENT_ID = system.simulator.company.userAssignedClientId;
  ({ url } = (await system.startFunctions({ DEFENDER_CREDENTIAL: 'clientSecret', AZURE_CLIENT_ID })).host);
  api = new Api(system, url);
});
afterAll(() => system.stop());

async function examine(query = '', as = 'operators'): Promise<AccessReport> {
  const { status, body } = await api.get(`/api/access${query}`, as);
  expect(status).toBe(200);
  return body as unknown as AccessReport;
}

describe('GET /api/access', () => {
  it('tells an operator that the app is ready, in the form that is documented', async () => {
    const report = await examine();
    expect(report).toMatchObject({ isReady: true, problems: [], credential: { kind: 'clientSecret' } });
    expect(report.calls.map(({ status }) => status)).toEqual([200, 200]);
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
    expect(ajv.validate(accessSchema, report), ajv.errorsText()).toBe(true);
  });

  it('is for operators only', async () => {
    for (const caller of ['playbooks', 'reports', 'hunters']) {
      expect(codeOf(await api.get('/api/access', caller))).toBe('caller_role_missing');
    }
  });

  it('sees a role come and go at once, although the app keeps its tokens', async () => {
    const role = { resource: 'WindowsDefenderATP', role: 'Machine.Isolate' };
    const principal = system.simulator.company.defenderClientId;
    await system.control('POST', '/entra/roles', { principal, ...role, granted: false });
    const lacking = await examine();
    await system.control('POST', '/entra/roles', { principal, ...role, granted: true });
    expect(lacking).toMatchObject({ isReady: false, problems: [{ code: 'defender_permission_missing' }] });
    expect(await examine()).toMatchObject({ isReady: true });
  });

  it('names no tenant that there is not', async () => {
    expect(codeOf(await api.get('/api/access?tenant=nobody', 'operators'))).toBe('tenant_not_found');
  });

  it('shows a person what they could do themselves', async () => {
    const report = await examine('', 'administrator');
    expect(report.isReady).toBe(true);
    expect(report.person?.name).toMatch(/@/);
    expect(
      report.tokens.filter(({ how }) => how === 'onBehalfOf').map(({ isVerified }) => isVerified),
    ).toEqual([true, true]);
  });

  it('is what npm run doctor asks', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
    const operatorToken = await api.tokenOf('operators');
    await writeFile(path.join(folder, 'caller.json'), JSON.stringify({ url, token: '', operatorToken }));
    const { status, stdout, stderr } = await runTool('doctor.ts', [], { LOCAL_DATA_FOLDER: folder });
    await rm(folder, { recursive: true });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('Ready.');
  });
});
