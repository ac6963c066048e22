import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  LogicAppsClient,
  type HttpAction,
  type LogicAppsOptions,
  type WorkflowTime,
} from '../support/logicApps/LogicAppsClient.ts';
import { Api } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { type Functions, System } from './support/System.ts';

let system: System;
let functions: Functions;
let api: Api;
let devices: Devices;
let token: string;
beforeAll(async () => {
  system = await System.start();
  functions = await system.startFunctions({
    OPERATION_POLL_INTERVAL: 'PT1S',
    // A managed identity's token cannot be renewed when the services' clock moves by days.
    DEFENDER_CREDENTIAL: 'clientSecret',
  });
  api = new Api(system, functions.host.url);
  devices = new Devices(system);
  token = await api.tokenOf('playbooks');
});
afterEach(async () => {
  for (const route of ['/machine-action-rules', '/faults', '/requests'])
    await system.control('DELETE', route);
});
afterAll(async () => {
  await system.stop();
});

/** Time of a workflow of which each second is `factor` seconds for Defender, and about one for the functions. */
function createTime(factor: number): WorkflowTime {
  let now = Date.parse('2026-11-21T12:00:00Z');
  return {
    now: () => now,
    async sleep(ms) {
      now += ms * factor;
      await system.advance((ms / 1000) * factor);
      // Defender is asked about an operation once in a second at most.
      await delay(1_050);
    },
  };
}

function startRun(options: LogicAppsOptions = {}) {
  const client = new LogicAppsClient({
    time: createTime(3),
    requestLimit: { ms: 120_000, realMs: 30_000 },
    ...options,
  });
  return client.startRun();
}

const act = (action: string, device: string): HttpAction => ({
  method: 'POST',
  uri: `${functions.host.url}/api/devices/${device}/${action}`,
  headers: { 'content-type': 'application/json' },
  body: { comment: 'Alert 4711' },
  authentication: () => Promise.resolve(token),
});

describe('a Logic App', () => {
  it('isolates a device, follows it by itself and goes on when it really is isolated', async () => {
    const { id } = await devices.add();
    const result = await startRun().http('Isolate', act('isolate', id));
    expect([result.status, result.outputs?.statusCode]).toEqual(['Succeeded', 200]);
    expect(result.outputs?.body).toMatchObject({ status: 'Succeeded', run: { action: 'Isolate' } });
    expect(await devices.isIsolated(id)).toBe(true);
  });

  it('waits for days for a device that is offline, and fails when Defender gives up', async () => {
    const { id } = await devices.add({ isOnline: false });
    const result = await startRun({ time: createTime(8 * 3_600) }).http('Isolate', act('isolate', id));
    expect([result.status, result.outputs?.statusCode]).toEqual(['Failed', 422]);
    expect(result.outputs?.body).toMatchObject({ error: { code: 'machine_action_timed_out' } });
    await system.control('POST', '/clock', { reset: true });
  });

  it.each([
    ['a failure', { outcome: 'fail', pendingSeconds: 1, runSeconds: 1 }, 'machine_action_failed'],
    ['a time-out', { outcome: 'timeOut', pendingSeconds: 1 }, 'machine_action_timed_out'],
  ])('is told of %s, once and for all', async (_name, rule, code) => {
    const { id } = await devices.add();
    await devices.decide({ match: { machineId: id }, ...rule });
    const result = await startRun().http('Isolate', act('isolate', id));
    expect([result.status, result.outputs?.statusCode]).toEqual(['Failed', 422]);
    expect(result.outputs?.body).toMatchObject({ error: { code } });
    expect(await devices.actionsOf(id)).toHaveLength(1);
  });

  it('is told of a cancellation by somebody else', async () => {
    const { id } = await devices.add({ isOnline: false });
    const running = startRun().http('Isolate', act('isolate', id));
    await delay(1_000);
    const [action] = await devices.actionsOf(id);
    await system.control('POST', `/machine-actions/${action?.id ?? ''}/cancel`, {});
    const result = await running;
    expect(result.outputs?.body).toMatchObject({ error: { code: 'machine_action_cancelled' } });
  });

  it.each(['first', 'second'])(
    'whose %s answer was lost asks again and gets the same operation',
    async (which) => {
      const { id } = await devices.add();
      let posts = 0;
      const loseAnswer = ({ method }: { method: string }) => {
        if (method !== 'POST') return false;
        posts += 1;
        return posts <= (which === 'first' ? 1 : 2);
      };
      const result = await startRun({ loseAnswer }).http('Isolate', act('isolate', id));
      expect(result.outputs?.statusCode).toBe(200);
      expect(posts).toBe(which === 'first' ? 2 : 3);
      expect(await devices.actionsOf(id)).toHaveLength(1);
    },
  );

  it('runs twenty branches at once, each on a device of its own', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => devices.add()));
    const results = await startRun().foreach('Isolate_each', all, ({ id }) => act('isolate', id));
    expect(results.map(({ outputs }) => outputs?.statusCode)).toEqual(all.map(() => 200));
    for (const { id } of all) {
      expect(await devices.isIsolated(id)).toBe(true);
      expect(await devices.actionsOf(id)).toHaveLength(1);
    }
  }, 60_000);

  it('runs twenty branches on one device and makes one machine action', async () => {
    const { id } = await devices.add();
    const branches = Array.from({ length: 20 }, () => id);
    const results = await startRun().foreach('Isolate_same', branches, (device) => act('isolate', device));
    expect(new Set(results.map(({ outputs }) => outputs?.statusCode))).toEqual(new Set([200]));
    expect(await devices.actionsOf(id)).toHaveLength(1);
  }, 60_000);

  it('does not repeat a refusal', async () => {
    const { id } = await devices.add({ deviceValue: 'High' });
    const result = await startRun().http('Isolate', act('isolate', id));
    expect([result.status, result.outputs?.statusCode, result.attempts]).toEqual(['Failed', 422, 1]);
  });

  it('isolates, hunts, releases and reads what happened in one run', async () => {
    const { id, name } = await devices.add();
    const run = startRun();
    const authentication = () => Promise.resolve(token);
    const get = (path: string): HttpAction => ({
      method: 'GET',
      uri: `${functions.host.url}${path}`,
      authentication,
    });
    const found = await run.http('Find', get(`/api/devices?name=${name}`));
    expect(found.outputs?.body).toMatchObject({ devices: [{ id, isActive: true }] });
    const isolated = await run.http('Isolate', act('isolate', name));
    const hunted = await run.http('Hunt', {
      ...act('isolate', id),
      uri: `${functions.host.url}/api/hunts`,
      body: { query: 'DeviceInfo | take 1 | project DeviceId' },
    });
    expect(hunted.outputs?.body).toMatchObject({ rowCount: 1, truncated: false });
    const released = await run.http('Release', act('release', name));
    const { id: operation } = released.outputs?.body as { id: string };
    const status = await run.http('Status', get(`/api/operations/${operation}`));
    expect(status.outputs?.body).toMatchObject({ status: 'Succeeded', action: 'release' });
    const health = await run.http('Health', get('/api/health'));
    expect(health.outputs?.statusCode).toBe(200);
    const listed = await run.http('List', get(`/api/operations?device=${id}`));
    expect(listed.outputs?.body).toMatchObject({
      operations: [{ action: 'release' }, { action: 'isolate' }],
    });
    const described = await run.http('Describe', get('/api/openapi.json'));
    expect(described.outputs?.body).toMatchObject({ swagger: '2.0' });
    for (const { status: end } of [isolated, released]) expect(end).toBe('Succeeded');
    expect(await devices.isIsolated(id)).toBe(false);
  });
});
