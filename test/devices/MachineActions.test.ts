import { describe, expect, it } from 'vitest';
import { actionDefinitions } from '../../src/devices/actions.ts';
import { MachineActions } from '../../src/devices/MachineActions.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { deviceId } from '../support/createTestActions.ts';
import { hangUp, json, type Answer } from '../support/startServer.ts';
import { useDefender } from '../support/useDefender.ts';

const never = new AbortController().signal;
const ID = '5382f7ea-7557-4ab7-9782-d50480024a4e';
const RECORD = { id: ID, type: 'Isolate', status: 'Pending', machineId: deviceId(1) };
const notFound = json(404, { error: { code: 'ResourceNotFound' } });

const startDefender = useDefender();

async function startActions(...answers: Answer[]) {
  const { server, client } = await startDefender(answers);
  return { actions: new MachineActions(client), requests: server.requests };
}

describe('the machine actions of a device', () => {
  it('are asked for by device only, and read in all pages', async () => {
    const full = Array.from({ length: 10_000 }, (_, index) => ({ ...RECORD, id: `action-${index}` }));
    const { actions, requests } = await startActions(
      json(200, { value: full }),
      json(200, { value: [RECORD] }),
    );
    const found = await actions.list(deviceId(1), never);
    expect(found).toHaveLength(10_001);
    expect(found.at(-1)).toMatchObject({ id: ID, status: 'Pending' });
    const queries = requests.map(({ path }) => new URL(path, 'http://x').searchParams);
    expect(queries.map((query) => query.get('$filter'))).toEqual(
      Array.from({ length: 2 }, () => `machineId eq '${deviceId(1)}'`),
    );
    expect(queries.map((query) => query.get('$skip'))).toEqual([null, '10000']);
  });

  it('are those of that device, whatever the service answers, and none that cannot be read', async () => {
    const value = [
      { ...RECORD, id: 'other', machineId: deviceId(2) },
      { ...RECORD, machineId: deviceId(1).toUpperCase() },
      { ...RECORD, id: 'silent', machineId: null },
      { type: 'Isolate' },
      null,
    ];
    const { actions } = await startActions(json(200, { value }));
    const found = await actions.list(deviceId(1), never);
    expect(found.map(({ id }) => id)).toEqual([ID, 'silent']);
  });

  it('are none when the service answers 404, and unknown when it fails', async () => {
    const { actions } = await startActions(notFound, json(500, {}), json(200, {}));
    expect(await actions.list(deviceId(1), never)).toEqual([]);
    await expect(actions.list(deviceId(1), never)).rejects.toMatchObject({ serviceStatus: 500 });
    await expect(actions.list(deviceId(1), never)).rejects.toMatchObject({
      code: 'defender_answer_unreadable',
    });
  });
});

describe('one machine action', () => {
  it('is read by its id', async () => {
    const { actions, requests } = await startActions(json(200, RECORD));
    expect(await actions.get(ID, never)).toMatchObject({ id: ID, type: 'Isolate' });
    expect(requests.map(({ path }) => path)).toEqual([`/api/machineactions/${ID}`]);
  });

  it('is undefined while Defender does not know it, and an error when it is something else', async () => {
    const { actions } = await startActions(notFound, json(200, { value: [] }));
    expect(await actions.get(ID, never)).toBeUndefined();
    await expect(actions.get(ID, never)).rejects.toMatchObject({ code: 'defender_answer_unreadable' });
  });

  it('cannot lead to another place by its id', async () => {
    const { actions, requests } = await startActions(notFound);
    await actions.get('../machines/x?y', never);
    expect(requests.map(({ path }) => path)).toEqual(['/api/machineactions/..%2Fmachines%2Fx%3Fy']);
  });
});

describe('asking for an action', () => {
  it('posts to the device, with names in the documented case', async () => {
    const { actions, requests } = await startActions(json(201, RECORD));
    const body = { Comment: 'why', IsolationType: 'Selective' };
    expect(await actions.begin(actionDefinitions.isolate, deviceId(1), body, never)).toMatchObject({
      id: ID,
    });
    await actions.begin(actionDefinitions.release, deviceId(1), { Comment: 'why' }, never);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /api/machines/${deviceId(1)}/isolate`,
      `POST /api/machines/${deviceId(1)}/unisolate`,
    ]);
    expect(JSON.parse(String(requests[0]?.body))).toEqual(body);
    expect(requests[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('is made once, however it fails', async () => {
    const failures: [Answer, object][] = [
      [hangUp, { code: 'defender_unreachable' }],
      [json(503, {}), { serviceStatus: 503 }],
      [json(429, {}, { 'retry-after': '7' }), { serviceStatus: 429, retryAfterMs: 7_000 }],
      [json(403, {}), { permission: { role: 'Machine.Isolate' } }],
      [json(201, 'accepted'), { code: 'defender_answer_unreadable' }],
      [json(201, { id: ID }), { code: 'defender_answer_unreadable' }],
    ];
    for (const [answer, expected] of failures) {
      const { actions, requests } = await startActions(answer);
      const asking = actions.begin(actionDefinitions.isolate, deviceId(1), { Comment: 'why' }, never);
      await expect(asking).rejects.toMatchObject(expected);
      expect(requests).toHaveLength(1);
    }
  });
});

describe('cancelling an action', () => {
  it('posts the comment to it', async () => {
    const { actions, requests } = await startActions(json(200, { ...RECORD, status: 'Cancelled' }));
    await actions.cancel(ID, 'released', permissionTable.isolateDevices, never);
    expect(requests).toMatchObject([{ method: 'POST', path: `/api/machineactions/${ID}/cancel` }]);
    expect(JSON.parse(String(requests[0]?.body))).toEqual({ Comment: 'released' });
  });

  it('fails when Defender refuses, and names the role that is needed', async () => {
    const { actions } = await startActions(json(400, { error: { code: 'BadRequest' } }), json(403, {}));
    const cancel = () => actions.cancel(ID, 'released', permissionTable.isolateDevices, never);
    await expect(cancel()).rejects.toMatchObject({ serviceStatus: 400 });
    await expect(cancel()).rejects.toMatchObject({ permission: { role: 'Machine.Isolate' } });
  });
});
