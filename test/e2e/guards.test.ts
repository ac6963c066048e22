import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, type Reply } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { System } from './support/System.ts';

const PROTECTED_ID = 'ab'.repeat(20);
let system: System;
let api: Api;
let devices: Devices;
const settings = {
  PROTECTED_DEVICE_IDS: PROTECTED_ID,
  PROTECTED_DEVICE_NAMES: 'Crown.corp.harbourlane.example',
  PROTECTED_DEVICE_TAGS: 'Tier 0, hands off',
  PROTECTED_DEVICE_GROUPS: 'Domain Controllers',
};
beforeAll(async () => {
  system = await System.start();
  api = new Api(system, (await system.startFunctions(settings)).host.url);
  devices = new Devices(system);
});
afterEach(async () => {
  for (const route of ['/faults', '/requests']) await system.control('DELETE', route);
});
afterAll(async () => {
  await system.stop();
});

async function expectRefusal(reply: Reply, status: number, code: string): Promise<void> {
  expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  expect(await devices.posts()).toEqual([]);
}

describe('a protected device', () => {
  it.each<[string, Record<string, unknown>]>([
    [`PROTECTED_DEVICE_IDS:${PROTECTED_ID}`, { id: PROTECTED_ID }],
    [
      'PROTECTED_DEVICE_NAMES:crown.corp.harbourlane.example',
      { computerDnsName: 'crown.corp.harbourlane.example' },
    ],
    ['PROTECTED_DEVICE_TAGS:hands off', { machineTags: ['VIP', 'Hands Off'] }],
    ['PROTECTED_DEVICE_GROUPS:domain controllers', { rbacGroupName: 'Domain Controllers' }],
    ['PROTECTED_DEVICE_VALUES:high', { deviceValue: 'High' }],
    ['PROTECTED_OS_PLATFORMS:windowsserver*', { osPlatform: 'WindowsServer2022' }],
    ['PROTECTED_OS_PLATFORMS:unknown', { osPlatform: null }],
  ])('is refused by the rule %s, released all the same', async (rule, properties) => {
    const { id } = await devices.add(properties);
    for (const query of ['', '?dryRun=true']) {
      const reply = await api.act('isolate', id, { query });
      await expectRefusal(reply, 422, 'device_protected');
      expect(reply.body.rule).toBe(rule);
      expect(String(reply.body.detail)).toContain(rule);
    }
    const shown = (await api.get(`/api/devices?name=${(await nameOf(id)) ?? ''}`)).body.devices as unknown[];
    expect(shown).toMatchObject([{ id, protectedBy: rule }]);
    expect((await api.act('release', id, { query: '?dryRun=true' })).status).toBe(200);
  });

  async function nameOf(id: string): Promise<string | undefined> {
    const { machines } = (await system.control('GET', '/machines')) as {
      machines: { id: string; computerDnsName: string }[];
    };
    return machines.find((machine) => machine.id === id)?.computerDnsName;
  }
});

describe('a check that cannot be made', () => {
  it.each<[string, Record<string, unknown>, number, string]>([
    ['Defender answers 500', { status: 500 }, 502, 'defender_http_error'],
    ['Defender throttles', { throttle: { retryAfter: 7, as: 'seconds' } }, 503, 'defender_http_error'],
    ['Defender is not there', { dropConnection: 'beforeCall' }, 503, 'defender_unreachable'],
    ['the answer is a page of a proxy', { html: true }, 502, 'defender_answer_unreadable'],
  ])('refuses: %s', async (_name, effect, status, code) => {
    const { id } = await devices.add();
    await system.addFault({ service: 'defender', match: { pathContains: '/machines' }, effect });
    await expectRefusal(await api.act('isolate', id), status, code);
  });

  it('refuses when the permission to look is missing, and names it', async () => {
    const grant = (granted: boolean) =>
      system.control('POST', '/entra/roles', {
        principal: 'defender-functions-identity',
        resource: 'WindowsDefenderATP',
        role: 'Machine.Read.All',
        granted,
      });
    const { id } = await devices.add();
    await grant(false);
    await system.control('DELETE', '/identity/cache');
    const fresh = new Api(system, (await system.startFunctions()).host.url);
    const reply = await fresh.act('isolate', id);
    await grant(true);
    await system.control('DELETE', '/identity/cache');
    await expectRefusal(reply, 502, 'defender_permission_missing');
    expect(String(reply.body.detail)).toContain('Machine.Read.All');
    // The token showed it: nothing was asked that would be refused.
    expect(String(reply.body.detail)).toContain('the call was not made');
  });
});

describe('the cap of an hour', () => {
  it('holds over two processes that are asked at the same time', async () => {
    const caps = { ACTION_CAP_PER_HOUR: '7', ACTION_CAP_PER_CALLER: '5' };
    const apis = [
      new Api(system, (await system.startFunctions(caps)).host.url),
      new Api(system, (await system.startFunctions(caps)).host.url),
    ];
    const isolate = async (as: string, count: number) =>
      await Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const { id } = await devices.add();
          const token = await api.createToken({ application: as, roles: ['Defender.Respond'] });
          return await apis[index % 2]?.act('isolate', id, { token });
        }),
      );
    const mine = await isolate('playbooks', 12);
    expect(mine.filter((reply) => reply?.status === 202)).toHaveLength(5);
    const theirs = await isolate('operators', 6);
    expect(theirs.filter((reply) => reply?.status === 202)).toHaveLength(2);
    const refused = [...mine, ...theirs].filter((reply) => reply?.status !== 202);
    for (const reply of refused) {
      expect([reply?.status, reply && codeOf(reply)]).toEqual([429, 'action_cap_reached']);
      expect(Number(reply?.headers.get('retry-after'))).toBeGreaterThan(3_000);
    }
    expect(await devices.posts()).toHaveLength(7);
    // Releases have a count of their own.
    const { id } = await devices.add();
    expect((await apis[0]?.act('release', id))?.status).toBe(202);
  });
});

describe('the pause switch', () => {
  const guard = (...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [path.join(import.meta.dirname, '..', '..', 'tools', 'guard.ts'), ...args],
      { env: { PATH: process.env.PATH, AzureWebJobsStorage: system.connectionString }, encoding: 'utf8' },
    );
    return { output: stdout + stderr, status };
  };

  it('stops all actions at once, and lets them go on', async () => {
    const { id } = await devices.add();
    expect(guard('pause').status).toBe(1);
    expect(guard('pause', '--reason', 'a playbook runs wild').output).toContain('Actions are paused by ');
    for (const action of ['isolate', 'release'] as const) {
      const reply = await api.act(action, id);
      await expectRefusal(reply, 422, 'actions_paused');
      expect(String(reply.body.detail)).toContain('a playbook runs wild');
    }
    expect((await api.get('/api/health')).body.actionsPaused).toBe(true);

    guard('pause', '--reason', 'only releases', '--allow-release');
    await expectRefusal(await api.act('isolate', id), 422, 'actions_paused');
    expect((await api.act('release', id)).status).toBe(202);

    expect(guard('resume').output).toContain('Actions run');
    await system.control('DELETE', '/requests');
    expect((await api.act('isolate', id)).status).toBe(202);
    expect(guard('show').output).toMatch(/isolate: \d+ began in the past hour/);
  });

  it('does not hide what was accepted before', async () => {
    const { id } = await devices.add();
    const first = await api.act('isolate', id, { key: 'before-the-pause' });
    guard('pause', '--reason', 'x');
    const again = await api.act('isolate', id, { key: 'before-the-pause' });
    guard('resume');
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
  });
});

describe('a dry run', () => {
  it('answers the decision and does nothing, with or without a key', async () => {
    const { id, name } = await devices.add();
    const reply = await api.call('POST', `/api/devices/${name}/isolate?dryRun=true`, {
      as: 'playbooks',
      body: { comment: 'x' },
    });
    expect([reply.status, reply.body]).toMatchObject([
      200,
      { dryRun: true, decision: 'act', action: 'isolate', device: { id, name, isActive: true } },
    ]);
    const { operations } = (await api.get(`/api/operations?device=${id}`)).body;
    expect(operations).toEqual([]);
    expect(await devices.posts()).toEqual([]);
    await system.control('POST', '/machine-actions', { machineId: id, type: 'Isolate', scope: 'Full' });
    const joining = await api.act('isolate', id, { query: '?dryRun=true' });
    expect(joining.body).toMatchObject({ decision: 'join', machineAction: expect.any(String) as unknown });
  });
});
