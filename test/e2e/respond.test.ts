import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Api, codeOf, type Reply } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { type Functions, System, until } from './support/System.ts';

let system: System;
let functions: Functions;
let api: Api;
let devices: Devices;
beforeAll(async () => {
  system = await System.start();
  functions = await system.startFunctions({
    OPERATION_POLL_INTERVAL: 'PT1S',
    // A managed identity's token cannot be renewed when the services' clock moves by days.
    DEFENDER_CREDENTIAL: 'clientSecret',
  });
  api = new Api(system, functions.host.url);
  devices = new Devices(system);
});
afterAll(async () => {
  await system.stop();
});
beforeEach(async () => {
  for (const route of ['/machine-action-rules', '/faults', '/requests'])
    await system.control('DELETE', route);
  await system.control('POST', '/limits', {});
});

/** Follows Location until it is no longer 202; the services' clock moves on meanwhile. */
async function follow(reply: Reply, seconds = 3): Promise<Reply> {
  const { pathname } = new URL(reply.headers.get('location') ?? '');
  return await until(async () => {
    await system.advance(seconds);
    const answer = await api.get(pathname);
    if (answer.status !== 202) return answer;
    await delay(200);
    return undefined;
  });
}

const operationOf = ({ body }: Reply) => (body.operation ?? body) as Record<string, Record<string, unknown>>;

describe('isolating a device', () => {
  it('is accepted with URLs of the configured base, attributed, and succeeds when Defender says so', async () => {
    const { id, name } = await devices.add();
    const reply = await api.act('isolate', name.toUpperCase(), {
      body: { comment: 'Ransomware seen', incidentId: 4711 },
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    });
    expect(reply.status).toBe(202);
    const base = functions.host.url;
    const operationId = String(reply.body.id);
    expect(reply.headers.get('operation-location')).toBe(`${base}/api/operations/${operationId}`);
    expect(reply.headers.get('location')).toBe(`${base}/api/operations/${operationId}/result`);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(reply.body).toMatchObject({
      status: 'Running',
      comment: 'Ransomware seen',
      incidentId: '4711',
      isolationType: 'Full',
      device: { id, name },
      caller: { kind: 'application', id: system.simulator.company.callerClientIds.playbooks },
      machineAction: { status: 'Pending', joined: false },
    });
    expect((await api.get(`/api/operations/${operationId}/result`)).status).toBe(202);
    expect(await devices.isIsolated(id)).toBe(false);

    const end = await follow(reply);
    expect(end.status).toBe(200);
    expect(end.body).toMatchObject({ status: 'Succeeded', machineAction: { status: 'Succeeded' } });
    expect(await devices.isIsolated(id)).toBe(true);
    const [action, ...more] = await devices.actionsOf(id);
    expect(more).toEqual([]);
    for (const part of ['Ransomware seen', operationId, '4711', reply.body.caller]) {
      const text = typeof part === 'string' ? part : (part as { id: string }).id;
      expect(action?.requestorComment).toContain(text);
    }
    for (const event of ['action_requested', 'action_sending', 'action_sent', 'action_ended']) {
      const line = system.log.find((one) => one.includes(`event=${event} `) && one.includes(operationId));
      expect(line, event).toContain('comment="Ransomware seen"');
      expect(line).toContain('incident=4711');
    }
    expect((await api.get(`/api/operations/${operationId}`)).body).toEqual(end.body);
  });

  it.each([
    ['fail', 'Failed', 'machine_action_failed', 'Failed', -2147467259],
    ['timeOut', 'Failed', 'machine_action_timed_out', 'TimeOut', -2144845840],
  ])(
    'that Defender ends with %s ends as %s with 422 and the trouble code',
    async (outcome, status, code, theirs, hresult) => {
      const { id } = await devices.add();
      await devices.decide({
        match: { machineId: id },
        outcome,
        pendingSeconds: 1,
        runSeconds: 1,
        errorHResult: hresult,
      });
      const end = await follow(await api.act('isolate', id));
      expect(end.status).toBe(422);
      expect(codeOf(end)).toBe(code);
      expect(operationOf(end)).toMatchObject({
        status,
        machineAction: { status: theirs, errorHResult: hresult },
      });
      expect(String(end.body.detail)).toContain(String(hresult));
      expect(await devices.isIsolated(id)).toBe(false);
    },
  );

  it('that somebody cancels in the portal ends as Canceled', async () => {
    const { id } = await devices.add({ isOnline: false });
    const reply = await api.act('isolate', id);
    const [action] = await devices.actionsOf(id);
    await system.control('POST', `/machine-actions/${action?.id ?? ''}/cancel`, { comment: 'False alarm' });
    const end = await follow(reply);
    expect([end.status, codeOf(end)]).toEqual([422, 'machine_action_cancelled']);
    expect(operationOf(end)).toMatchObject({ status: 'Canceled', machineAction: { status: 'Cancelled' } });
  });

  it('stays Running while the device is offline, for days', async () => {
    const { id } = await devices.add({ isOnline: false });
    const reply = await api.act('isolate', id);
    for (let day = 0; day < 2; day += 1) {
      await system.advance(86_400);
      await delay(1_100);
      const now = await api.get(`/api/operations/${String(reply.body.id)}`);
      expect(now.body).toMatchObject({ status: 'Running', machineAction: { status: 'Pending' } });
    }
    const end = await follow(reply, 86_400);
    expect([end.status, codeOf(end)]).toEqual([422, 'machine_action_timed_out']);
    await system.control('POST', '/clock', { reset: true });
  });

  it('reaches its end also when nobody asks', async () => {
    const { id } = await devices.add();
    const reply = await api.act('isolate', id);
    const seen = system.log.length;
    await until(async () => {
      await system.advance(5);
      await functions.trigger('followOperations');
      await delay(300);
      return system.log.slice(seen).find((line) => /event=action_ended .*status=Succeeded/.test(line));
    });
    // The last that Defender was asked for is older than this answer.
    await system.control('DELETE', '/requests');
    const end = await api.get(`/api/operations/${String(reply.body.id)}/result`);
    expect([end.status, end.body.status]).toEqual([200, 'Succeeded']);
  });
});

describe('a request that comes again', () => {
  it('is the same operation, while it runs and after it ended, also with another spelling', async () => {
    const { id, name } = await devices.add();
    const key = 'same-key';
    const first = await api.act('isolate', name, { key, body: { comment: 'why', isolationType: 'Full' } });
    const again = await api.act('isolate', name.toUpperCase(), {
      key: `"${key}"`,
      body: { isolationType: 'Full', comment: 'why' },
    });
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
    await follow(first);
    const after = await api.act('isolate', name, { key, body: { comment: 'why' } });
    expect([after.status, after.body.id, after.body.status]).toEqual([202, first.body.id, 'Succeeded']);
    expect(await devices.actionsOf(id)).toHaveLength(1);
  });

  it('with another body, device or action under the same key is refused', async () => {
    const { id } = await devices.add();
    const other = await devices.add();
    const key = 'taken-key';
    await api.act('isolate', id, { key });
    for (const reply of [
      await api.act('isolate', id, { key, body: { comment: 'Something else' } }),
      await api.act('isolate', other.id, { key }),
      await api.act('release', id, { key }),
    ]) {
      expect([reply.status, codeOf(reply)]).toEqual([422, 'idempotency_conflict']);
    }
    expect(await devices.actionsOf(other.id)).toEqual([]);
  });

  it('under the same key of another caller is another operation', async () => {
    const { id } = await devices.add();
    const mine = await api.act('isolate', id, { key: 'shared' });
    const token = await api.createToken({ user: 'analyst', roles: ['Defender.Respond'] });
    const theirs = await api.act('isolate', id, { key: 'shared', token });
    expect(theirs.status).toBe(202);
    expect(theirs.body.id).not.toBe(mine.body.id);
    expect(theirs.body).toMatchObject({ caller: { kind: 'person' }, machineAction: { joined: true } });
    expect(await devices.actionsOf(id)).toHaveLength(1);
  });

  it('fifty times at once makes one machine action', async () => {
    const { id } = await devices.add();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => api.act('isolate', id, { key: 'fifty' })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    expect(await devices.actionsOf(id)).toHaveLength(1);
    expect(await devices.posts()).toHaveLength(1);
  });

  it('needs no key from a run of Logic Apps, whose branches are told apart by device', async () => {
    const run = { 'x-ms-workflow-run-id': 'run-1', 'x-ms-workflow-operation-name': 'Isolate' };
    const [one, two] = [await devices.add(), await devices.add()];
    const post = async (device: string) =>
      await api.call('POST', `/api/devices/${device}/isolate`, {
        as: 'playbooks',
        body: { comment: 'x' },
        headers: run,
      });
    const [first, again, other] = [await post(one.id), await post(one.id), await post(two.id)];
    expect([first.status, again.status, other.status]).toEqual([202, 202, 202]);
    expect(again.body.id).toBe(first.body.id);
    expect(other.body.id).not.toBe(first.body.id);
    expect(first.body.run).toMatchObject({ runId: 'run-1', action: 'Isolate' });
  });
});

describe('an action of the same kind that is open', () => {
  it('is joined, and followed to its end', async () => {
    const { id } = await devices.add();
    await system.control('POST', '/machine-actions', { machineId: id, type: 'Isolate', scope: 'Full' });
    const reply = await api.act('isolate', id);
    expect(reply.body).toMatchObject({ status: 'Running', machineAction: { joined: true } });
    expect(await devices.posts()).toEqual([]);
    expect((await follow(reply)).body.status).toBe('Succeeded');
  });

  it('and is not shown yet is found after Defender refused another one', async () => {
    const { id } = await devices.add();
    await devices.decide({ match: { machineId: id }, visibleAfterSeconds: 3, pendingSeconds: 60, times: 1 });
    await system.control('POST', '/machine-actions', { machineId: id, type: 'Isolate', scope: 'Full' });
    const pending = api.act('isolate', id);
    await delay(500);
    await system.advance(10);
    const reply = await pending;
    expect(reply.body).toMatchObject({ status: 'Running', machineAction: { joined: true } });
    expect(await devices.actionsOf(id)).toHaveLength(1);
  });

  it('and is given back by Defender is joined', async () => {
    const { id } = await devices.add();
    await devices.decide({ match: { machineId: id }, duplicate: 'returnExisting', visibleAfterSeconds: 5 });
    await system.control('POST', '/machine-actions', { machineId: id, type: 'Isolate', scope: 'Full' });
    const reply = await api.act('isolate', id);
    expect(reply.body).toMatchObject({ status: 'Running', machineAction: { joined: true } });
    expect(await devices.actionsOf(id)).toHaveLength(1);
  });
});

describe('a request whose outcome is not known', () => {
  it('that was carried out is found by its tag and never sent again', async () => {
    const { id } = await devices.add();
    await system.addFault({
      service: 'defender',
      match: { method: 'POST', pathContains: '/isolate' },
      times: 1,
      effect: { dropConnection: 'beforeAnswer' },
    });
    const reply = await api.act('isolate', id);
    expect(reply.body).toMatchObject({ machineAction: { joined: false } });
    expect(await devices.actionsOf(id)).toHaveLength(1);
    expect(await devices.posts()).toHaveLength(1);
  });

  it('that was not carried out is sent once more, after a look', async () => {
    const { id } = await devices.add();
    await system.addFault({
      service: 'defender',
      match: { method: 'POST', pathContains: '/isolate' },
      times: 1,
      effect: { status: 503 },
    });
    const reply = await api.act('isolate', id);
    expect(reply.body.status).toBe('Running');
    expect(await devices.actionsOf(id)).toHaveLength(1);
    expect(await devices.posts()).toHaveLength(2);
  });
});

describe('releasing a device', () => {
  it('ends an isolation', async () => {
    const { id } = await devices.add();
    await follow(await api.act('isolate', id));
    expect(await devices.isIsolated(id)).toBe(true);
    const end = await follow(await api.act('release', id));
    expect(end.body).toMatchObject({ action: 'release', status: 'Succeeded' });
    expect(await devices.isIsolated(id)).toBe(false);
  });

  it('cancels an isolation that is still pending, so that it cannot win later', async () => {
    const { id } = await devices.add({ isOnline: false });
    const isolation = await api.act('isolate', id);
    const release = await api.act('release', id);
    expect(release.status).toBe(202);
    await system.control('PATCH', `/machines/${id}`, { isOnline: true });
    expect((await follow(release)).body.status).toBe('Succeeded');
    expect(operationOf(await follow(isolation))).toMatchObject({ status: 'Canceled' });
    expect(await devices.isIsolated(id)).toBe(false);
    expect((await devices.actionsOf(id)).map(({ type, status }) => [type, status])).toEqual([
      ['Isolate', 'Cancelled'],
      ['Unisolate', 'Succeeded'],
    ]);
  });

  it('waits for an isolation that cannot be cancelled any more', async () => {
    const { id } = await devices.add();
    const effect = { status: 400, body: { error: { code: 'BadRequest', message: 'Too late', target: 'x' } } };
    await system.addFault({
      service: 'defender',
      match: { method: 'POST', pathContains: '/cancel' },
      effect,
    });
    await devices.decide({ match: { machineId: id, type: 'Isolate' }, pendingSeconds: 0, runSeconds: 30 });
    const isolation = await api.act('isolate', id);
    await system.advance(1);
    const release = await api.act('release', id);
    expect(release.body).toMatchObject({ status: 'NotStarted' });
    expect(release.body.waitingFor).toBe(operationOf(isolation).machineAction?.id);
    expect((await follow(release, 10)).body.status).toBe('Succeeded');
    expect((await follow(isolation)).body.status).toBe('Succeeded');
    expect(await devices.isIsolated(id)).toBe(false);
  });
});
