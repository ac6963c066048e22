import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

type Action = Readonly<Record<string, unknown>> & { readonly id: string };

const start = '2026-05-01T12:00:00Z';
let simulator: TestSimulator;
let token: string;
let firstToken: string;
beforeAll(async () => {
  simulator = await startTestSimulator();
  await simulator.control('POST', '/clock', { freezeAt: start });
  await simulator.control('POST', '/entra/token-lifetime', { seconds: 86_400 });
  firstToken = await simulator.getToken();
  token = firstToken;
});
afterAll(() => simulator.stop());
afterEach(async () => {
  await simulator.control('POST', '/clock', { freezeAt: start });
  await simulator.control('POST', '/machines/reset');
  await simulator.control('POST', '/limits', {});
  await simulator.control('DELETE', '/faults');
  token = firstToken;
});

function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return simulator.fetch(`${simulator.urls.defender}/api${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const isolate = (id: string, IsolationType = 'Full'): Promise<Reply> =>
  post(`/machines/${id}/isolate`, { Comment: 'Alert 1234', IsolationType });
const release = (id: string): Promise<Reply> => post(`/machines/${id}/unisolate`, { Comment: 'Clean' });
const cancel = (id: string): Promise<Reply> =>
  post(`/machineactions/${id}/cancel`, { Comment: 'By mistake' });

/** Answers with the created action; throws unless the answer is 201. */
async function created(reply: Promise<Reply>): Promise<Action> {
  const { status, text, json } = await reply;
  if (status !== 201) throw new Error(`${status} ${text}`);
  return json as Action;
}

async function read(id: string): Promise<Action> {
  return (await simulator.get(`/api/machineactions/${id}`, token)).json as Action;
}

const statusOf = async (id: string): Promise<unknown> => (await read(id)).status;

async function select($filter: string): Promise<readonly Action[]> {
  const query = new URLSearchParams({ $filter });
  const reply = await simulator.get(`/api/machineactions?${query.toString()}`, token);
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
  return reply.json.value as Action[];
}

async function advance(seconds: number): Promise<void> {
  await simulator.control('POST', '/clock', { advanceSeconds: seconds });
  if (seconds > 3600) token = await simulator.getToken();
}

const day = 86_400;

/** Adds a machine and returns its id. */
async function add(body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { machines } = await simulator.control('POST', '/machines', body);
  return (machines as { id: string }[])[0]?.id ?? '';
}

const rule = (body: unknown): Promise<unknown> => simulator.control('POST', '/machine-action-rules', body);

/** What is true of a machine. */
async function truth(id: string): Promise<Readonly<Record<string, unknown>>> {
  const { machines } = await simulator.control('GET', '/machines');
  return (machines as { id: string }[]).find((machine) => machine.id === id) ?? {};
}

const isIsolated = async (id: string): Promise<unknown> => (await truth(id)).isIsolated;

// https://learn.microsoft.com/defender-endpoint/api/machineaction
describe('A machine action', () => {
  it('is answered by 201 with the documented properties', async () => {
    const machineId = await add({ computerDnsName: 'desk.example' });
    expect(await created(isolate(machineId, 'Selective'))).toEqual({
      '@odata.context': `${simulator.urls.defender}/api/$metadata#MachineActions/$entity`,
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as unknown,
      type: 'Isolate',
      title: null,
      requestor: simulator.company.defenderClientId,
      requestorComment: 'Alert 1234',
      status: 'Pending',
      machineId,
      computerDnsName: 'desk.example',
      creationDateTimeUtc: start,
      lastUpdateDateTimeUtc: start,
      cancellationRequestor: null,
      cancellationComment: null,
      cancellationDateTimeUtc: null,
      errorHResult: 0,
      scope: 'Selective',
      externalId: null,
      requestSource: 'PublicApi',
      relatedFileInfo: null,
      commands: [],
      troubleshootInfo: null,
    });
    expect(await created(release(machineId))).toMatchObject({ type: 'Unisolate', scope: null });
  });

  it('is Pending for 2 seconds and InProgress for 3, then has Succeeded, by the simulated clock alone', async () => {
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    await advance(1.999);
    expect(await read(id)).toMatchObject({ status: 'Pending', lastUpdateDateTimeUtc: start });
    await advance(0.001);
    expect(await read(id)).toMatchObject({
      status: 'InProgress',
      lastUpdateDateTimeUtc: '2026-05-01T12:00:02Z',
    });
    expect(await isIsolated(machineId)).toBe(false);
    await advance(3);
    expect(await read(id)).toMatchObject({
      status: 'Succeeded',
      errorHResult: 0,
      lastUpdateDateTimeUtc: '2026-05-01T12:00:05Z',
    });
    expect(await isIsolated(machineId)).toBe(true);
  });

  it('keeps the times at which it changed when nobody looked meanwhile, and stays so when the clock goes back', async () => {
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    await advance(600);
    const seen = await read(id);
    expect(seen).toMatchObject({ status: 'Succeeded', lastUpdateDateTimeUtc: '2026-05-01T12:00:05Z' });
    await advance(-600);
    expect(await read(id)).toEqual(seen);
  });

  it('releases a machine again', async () => {
    const machineId = await add({ isIsolated: true });
    const { id } = await created(release(machineId));
    await advance(5);
    expect([await statusOf(id), await isIsolated(machineId)]).toEqual(['Succeeded', false]);
  });

  it('waits for a machine that is away, and goes on when it is back', async () => {
    const machineId = await add({ isOnline: false });
    const { id } = await created(isolate(machineId));
    await advance(2 * day);
    expect(await statusOf(id)).toBe('Pending');
    await simulator.control('PATCH', `/machines/${machineId}`, { isOnline: true });
    expect(await statusOf(id)).toBe('InProgress');
    await advance(3);
    expect(await read(id)).toMatchObject({
      status: 'Succeeded',
      lastUpdateDateTimeUtc: '2026-05-03T12:00:03Z',
    });
  });

  it('stands still when its machine goes away in the middle', async () => {
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    await advance(3);
    await simulator.control('PATCH', `/machines/${machineId}`, { isOnline: false });
    await advance(60);
    expect([await statusOf(id), await isIsolated(machineId)]).toEqual(['InProgress', false]);
    await simulator.control('PATCH', `/machines/${machineId}`, { isOnline: true });
    expect([await statusOf(id), await isIsolated(machineId)]).toEqual(['Succeeded', true]);
  });

  it('times out after three days on a machine that stays away, and never comes true', async () => {
    const machineId = await add({ isOnline: false });
    const { id } = await created(isolate(machineId));
    await advance(3 * day - 1);
    expect(await statusOf(id)).toBe('Pending');
    await advance(1);
    expect(await read(id)).toMatchObject({
      status: 'TimeOut',
      errorHResult: -2_145_844_840,
      lastUpdateDateTimeUtc: '2026-05-04T12:00:00Z',
    });
    await simulator.control('PATCH', `/machines/${machineId}`, { isOnline: true });
    await advance(day);
    expect([await statusOf(id), await isIsolated(machineId)]).toEqual(['TimeOut', false]);
  });
});

// https://learn.microsoft.com/defender-endpoint/api/isolate-machine, common-errors
describe('Isolate and release refuse', () => {
  it.each<[string, unknown, string]>([
    ['isolate', { IsolationType: 'Full' }, 'MissingRequiredParameter'],
    ['isolate', { Comment: null, IsolationType: 'Full' }, 'MissingRequiredParameter'],
    ['isolate', { Comment: ' \t', IsolationType: 'Full' }, 'MissingRequiredParameter'],
    ['isolate', { Comment: 'x' }, 'MissingRequiredParameter'],
    ['isolate', { Comment: 7, IsolationType: 'Full' }, 'InvalidRequestBody'],
    ['isolate', { Comment: 'x', IsolationType: 'full' }, 'InvalidRequestBody'],
    ['isolate', { Comment: 'x', IsolationType: 'Partial' }, 'InvalidRequestBody'],
    ['isolate', { comment: 'x', IsolationType: 'Full' }, 'InvalidRequestBody'],
    ['isolate', { Comment: 'x', IsolationType: 'Full', ExternalId: '1' }, 'InvalidRequestBody'],
    ['isolate', ['x'], 'InvalidRequestBody'],
    ['isolate', '{"Comment": "x"', 'InvalidRequestBody'],
    ['isolate', '', 'InvalidRequestBody'],
    ['unisolate', {}, 'MissingRequiredParameter'],
    ['unisolate', { Comment: '' }, 'MissingRequiredParameter'],
    ['unisolate', { Comment: 'x', IsolationType: 'Full' }, 'InvalidRequestBody'],
  ])('%s with the body %j by 400 %s', async (action, body, code) => {
    const machineId = await add();
    const reply = await post(`/machines/${machineId}/${action}`, body);
    expect([reply.status, reply.json]).toMatchObject([400, { error: { code } }]);
    expect((await truth(machineId)).actions).toEqual([]);
  });

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/jsonp']])(
    'the content type %s by 400 InvalidRequestBody',
    async (type) => {
      const body = { Comment: 'x', IsolationType: 'Full' };
      const reply = await post(`/machines/${await add()}/isolate`, body, { 'content-type': type });
      expect(reply.json).toMatchObject({ error: { code: 'InvalidRequestBody' } });
    },
  );

  it('nothing for a content type with a charset', async () => {
    const body = { Comment: 'x', IsolationType: 'Full' };
    const type = { 'content-type': 'application/json; charset=utf-8' };
    expect((await post(`/machines/${await add()}/isolate`, body, type)).status).toBe(201);
  });

  it.each([
    ['an id that is none', 'srv1.corp.harbourlane.example'],
    ['an id that is not known', '1e5bc9d7e413ddd7902c2932e418702b84d0cc07'],
  ])('%s by 404 ResourceNotFound', async (_case, id) => {
    for (const reply of [await isolate(id), await release(id)]) {
      expect([reply.status, reply.json]).toMatchObject([
        404,
        { error: { code: 'ResourceNotFound', message: `Machine ${id} was not found` } },
      ]);
    }
  });

  it.each<[string, string, string, string | null]>([
    ['Windows10', '1607', 'Full', 'ClientVersionNotSupported'],
    ['Windows10', '1703', 'Full', null],
    ['Windows10', '1703', 'Selective', 'ClientVersionNotSupported'],
    ['Windows10', '1709', 'Selective', null],
    ['Windows10', '22H2', 'Selective', null],
    ['Windows11', '24H2', 'Selective', null],
    ['WindowsServer2012R2', '6.3', 'Full', null],
    ['WindowsServer2022', '21H2', 'Selective', null],
    ['Ubuntu', '22.4', 'Full', null],
    ['Ubuntu', '22.4', 'Selective', 'OsPlatformNotSupported'],
    ['macOS', '15', 'Selective', null],
    ['Windows7', '7', 'Full', 'OsPlatformNotSupported'],
    ['iOS', '18', 'Full', 'OsPlatformNotSupported'],
  ])('%s %s, isolation %s: %s (respond-machine-alerts)', async (osPlatform, version, type, code) => {
    const reply = await isolate(await add({ osPlatform, version }), type);
    if (code === null) expect(reply.status).toBe(201);
    else expect([reply.status, reply.json]).toMatchObject([400, { error: { code } }]);
  });

  it.each([
    ['Onboarded', 'UnManagedDevice'],
    ['CanBeOnboarded', 'Full'],
    ['InsufficientInfo', 'Selective'],
  ])('a machine that is %s, isolation %s, by 400 InvalidInput', async (onboardingStatus, type) => {
    const reply = await isolate(await add({ onboardingStatus }), type);
    expect([reply.status, reply.json]).toMatchObject([400, { error: { code: 'InvalidInput' } }]);
  });

  it('nothing for UnManagedDevice on a machine that is not onboarded', async () => {
    const machineId = await add({ onboardingStatus: 'CanBeOnboarded' });
    expect(await created(isolate(machineId, 'UnManagedDevice'))).toMatchObject({ scope: null });
    await advance(5);
    expect(await isIsolated(machineId)).toBe(true);
  });

  it('a token without Machine.Isolate by 403 that names it, and no call is carried out', async () => {
    const machineId = await add();
    const change = { principal: simulator.company.defenderClientId, resource: 'WindowsDefenderATP' };
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Machine.Isolate', granted: false });
    token = await simulator.getToken();
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Machine.Isolate' });
    for (const reply of [await isolate(machineId), await release(machineId)]) {
      expect([reply.status, reply.json]).toMatchObject([
        403,
        {
          error: {
            code: 'Forbidden',
            message:
              'Missing application roles. API required roles: Machine.Isolate, application roles: AdvancedQuery.Read.All,Alert.Read.All,Machine.Read.All.',
          },
        },
      ]);
    }
    expect((await truth(machineId)).actions).toEqual([]);
  });

  it('the call over the limit by 429, each API on its own', async () => {
    await simulator.control('POST', '/limits', { perMinute: 1 });
    const machineId = await add();
    expect((await isolate(machineId)).status).toBe(201);
    expect((await isolate(machineId)).status).toBe(429);
    expect((await release(machineId)).status).toBe(201);
    expect((await cancel('x')).status).toBe(404);
    expect((await cancel('x')).status).toBe(429);
  });
});

// https://learn.microsoft.com/defender-endpoint/api/unisolate-machine#response
// https://github.com/MicrosoftDocs/microsoft-365-docs/issues/5903
describe('A second action of a type on a machine', () => {
  it('is refused by 400 ActiveRequestAlreadyExists while the first one is open', async () => {
    const machineId = await add();
    await created(isolate(machineId));
    for (const seconds of [0, 3]) {
      await advance(seconds);
      const reply = await isolate(machineId);
      expect([reply.status, reply.json]).toMatchObject([
        400,
        { error: { code: 'ActiveRequestAlreadyExists', message: 'Action is already in progress' } },
      ]);
    }
    expect((await release(machineId)).status).toBe(201);
    expect((await isolate(await add())).status).toBe(201);
    await advance(2);
    expect((await isolate(machineId)).status).toBe(201);
  });

  it('is answered by the first one when a rule says so', async () => {
    await rule({ duplicate: 'returnExisting' });
    const machineId = await add();
    const first = await created(isolate(machineId));
    expect(await created(isolate(machineId))).toEqual(first);
    expect((await truth(machineId)).actions).toHaveLength(1);
  });

  it('is accepted when a rule says so, and may finish last: the machine stays isolated', async () => {
    const machineId = await add();
    const first = await created(isolate(machineId));
    await rule({ match: { machineId, type: 'Isolate' }, duplicate: 'accept', pendingSeconds: 60, times: 1 });
    const second = await created(isolate(machineId));
    const released = await created(release(machineId));
    await advance(10);
    expect(await Promise.all([first.id, released.id, second.id].map(statusOf))).toEqual([
      'Succeeded',
      'Succeeded',
      'Pending',
    ]);
    expect(await isIsolated(machineId)).toBe(false);
    await advance(60);
    expect([await statusOf(second.id), await isIsolated(machineId)]).toEqual(['Succeeded', true]);
  });

  it('does not use up a rule when it is refused', async () => {
    const machineId = await add();
    await created(isolate(machineId));
    await rule({ outcome: 'fail', times: 1 });
    expect((await isolate(machineId)).status).toBe(400);
    await advance(5);
    const { id } = await created(isolate(machineId));
    await advance(5);
    expect(await statusOf(id)).toBe('Failed');
  });
});

describe('Actions on one machine', () => {
  it('come true in the order in which they finish, also when nobody looked meanwhile', async () => {
    const machineId = await add();
    await rule({ match: { type: 'Isolate' }, pendingSeconds: 20, runSeconds: 1 });
    await created(isolate(machineId));
    await created(release(machineId));
    await advance(3600);
    expect(await isIsolated(machineId)).toBe(true);
  });
});

// https://learn.microsoft.com/defender-endpoint/api/cancel-machine-action
describe('Cancelling', () => {
  it.each([
    ['Pending', 0],
    ['InProgress', 3],
  ])('ends an action that is %s, which never comes true', async (status, seconds) => {
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    await advance(seconds);
    expect(await statusOf(id)).toBe(status);
    const { status: answered, json } = await cancel(id);
    expect(answered).toBe(200);
    expect(json).toMatchObject({
      id,
      status: 'Cancelled',
      errorHResult: -2_147_467_260,
      cancellationRequestor: simulator.company.defenderClientId,
      cancellationComment: 'By mistake',
      cancellationDateTimeUtc: `2026-05-01T12:00:0${seconds}Z`,
      lastUpdateDateTimeUtc: `2026-05-01T12:00:0${seconds}Z`,
    });
    await advance(60);
    expect([await statusOf(id), await isIsolated(machineId)]).toEqual(['Cancelled', false]);
  });

  it('an action that is over is refused by 400 BadRequest', async () => {
    const { id } = await created(isolate(await add()));
    await advance(5);
    const over = await cancel(id);
    expect([over.status, over.json]).toMatchObject([400, { error: { code: 'BadRequest' } }]);
    expect(await statusOf(id)).toBe('Succeeded');
  });

  it('an unknown action is refused by 404, a missing or blank comment by 400', async () => {
    const unknown = await cancel('988cc94e-7a8f-4b28-ab65-54970c5d5018');
    expect([unknown.status, unknown.json]).toMatchObject([404, { error: { code: 'ResourceNotFound' } }]);
    const { id } = await created(isolate(await add()));
    for (const body of [{}, { Comment: ' ' }]) {
      const reply = await post(`/machineactions/${id}/cancel`, body);
      expect([reply.status, reply.json]).toMatchObject([
        400,
        { error: { code: 'MissingRequiredParameter' } },
      ]);
    }
  });

  it('is allowed with the permission of any action, and with none refused by 403', async () => {
    const { id } = await created(isolate(await add()));
    const change = { principal: simulator.company.defenderClientId, resource: 'WindowsDefenderATP' };
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Machine.Isolate', granted: false });
    token = await simulator.getToken();
    const refused = await cancel(id);
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Machine.Scan' });
    token = await simulator.getToken();
    const accepted = await cancel(id);
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Machine.Scan', granted: false });
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Machine.Isolate' });
    expect([refused.status, accepted.status]).toEqual([403, 200]);
    expect(refused.text).toContain('API required roles: Machine.CollectForensics,Machine.Isolate,');
  });
});

// https://learn.microsoft.com/defender-endpoint/api/get-machineactions-collection
describe('Defender lists machine actions', () => {
  it('by each documented property, in an order that follows neither time nor arrival', async () => {
    const machines = [];
    for (let index = 0; index < 12; index += 1) machines.push(await add());
    const ids = [];
    for (const machineId of machines) {
      ids.push((await created(isolate(machineId))).id);
      await advance(1);
    }
    await simulator.control('POST', '/machine-actions', { machineId: machines[0], type: 'RunAntiVirusScan' });
    const idsOf = async ($filter: string): Promise<string[]> => (await select($filter)).map(({ id }) => id);
    const all = await idsOf("type eq 'Isolate'");
    expect(all).not.toEqual(ids);
    expect(all.toSorted()).toEqual(ids.toSorted());
    expect(await idsOf(`machineId eq '${String(machines[3])}'`)).toEqual([ids[3]]);
    expect(await idsOf(`id eq ${String(ids[4])}`)).toEqual([ids[4]]);
    expect(await idsOf(`id eq '${String(ids[4])}'`)).toEqual([ids[4]]);
    expect(await idsOf("status eq 'Pending' and Type eq 'Isolate'")).toHaveLength(1);
    expect(await idsOf("status eq 'InProgress'")).toHaveLength(3);
    expect(await idsOf('creationDateTimeUtc ge 2026-05-01T12:00:11Z and status ne null')).toHaveLength(2);
    expect(await select(`requestor ne '${simulator.company.defenderClientId}'`)).toMatchObject([
      { type: 'RunAntiVirusScan', requestSource: 'Portal', requestor: expect.stringMatching(/@/) as unknown },
    ]);
    const page = await simulator.get('/api/machineactions?$top=5&$skip=10', token);
    expect(page.json.value).toHaveLength(3);
    expect(page.json['@odata.context']).toBe(`${simulator.urls.defender}/api/$metadata#MachineActions`);
  });

  it('as an empty list when there is none', async () => {
    expect(await select("type eq 'Offboard'")).toEqual([]);
  });

  it.each([
    ['$orderby=creationDateTimeUtc desc'],
    ['$expand=machine'],
    ['$top=10001'],
    ['$stop=5'],
    ["$filter=requestorComment eq 'x'"],
    ['$filter=lastUpdateDateTimeUtc ge 2026-01-01T00:00:00Z'],
    ["$filter=creationDateTimeUtc ge '2026-01-01T00:00:00Z'"],
    ["$filter=status eq 'Canceled'"],
    ["$filter=type eq 'Contain'"],
    ["$filter=externalId eq 'x'"],
  ])('refusing the query %s by 400 ODataError', async (query) => {
    const reply = await simulator.get(`/api/machineactions?${query}`, token);
    expect([reply.status, reply.json]).toMatchObject([400, { error: { code: 'ODataError' } }]);
  });

  it('and shows one by 404 when it is unknown (get-machineaction-object)', async () => {
    const reply = await simulator.get('/api/machineactions/2e9da30d-27f6-4208-81f2-9cd3d67893ba', token);
    expect([reply.status, reply.json]).toMatchObject([404, { error: { code: 'ResourceNotFound' } }]);
  });
});

describe('A rule for machine actions', () => {
  it.each([
    [{ outcome: 'fail' }, 5, 'Failed', -2_147_467_259],
    [{ outcome: 'fail', errorHResult: -2_147_024_891 }, 5, 'Failed', -2_147_024_891],
    [{ outcome: 'timeOut' }, 3 * day, 'TimeOut', -2_145_844_840],
    [{ outcome: 'timeOut', pendingSeconds: 30 }, 30, 'TimeOut', -2_145_844_840],
    [{ pendingSeconds: 4 * day }, 3 * day, 'TimeOut', -2_145_844_840],
    [{ pendingSeconds: 0, runSeconds: 0 }, 0, 'Succeeded', 0],
    [{ pendingSeconds: 0, runSeconds: 90 }, 90, 'Succeeded', 0],
  ])('%j ends an action after %i seconds as %s', async (order, seconds, status, errorHResult) => {
    await rule(order);
    const { id, status: first } = await created(isolate(await add()));
    expect(first === status).toBe(seconds === 0);
    if (seconds > 0) {
      await advance(seconds - 0.001);
      expect(['Pending', 'InProgress']).toContain(await statusOf(id));
      await advance(0.001);
    }
    expect(await read(id)).toMatchObject({ status, errorHResult });
  });

  it('lets neither list nor get show an action until it is visible; it counts as open all the same', async () => {
    await rule({ visibleAfterSeconds: 30, pendingSeconds: 300, times: 1 });
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    expect(await select(`machineId eq '${machineId}'`)).toEqual([]);
    expect((await simulator.get(`/api/machineactions/${id}`, token)).status).toBe(404);
    expect((await cancel(id)).status).toBe(404);
    expect((await isolate(machineId)).status).toBe(400);
    await advance(30);
    expect(await select(`machineId eq '${machineId}'`)).toMatchObject([{ id, status: 'Pending' }]);
    expect(await statusOf(id)).toBe('Pending');
  });

  it('applies to what it matches, as often as it says, and only to later actions', async () => {
    const machineId = await add();
    const { id: before } = await created(isolate(machineId));
    await rule({ match: { machineId, type: 'Unisolate' }, outcome: 'fail', times: 1 });
    const { id: other } = await created(release(await add()));
    const { id: failing } = await created(release(machineId));
    await advance(5);
    const { id: after } = await created(release(machineId));
    await advance(5);
    const ids = [before, other, failing, after];
    expect(await Promise.all(ids.map(statusOf))).toEqual(['Succeeded', 'Succeeded', 'Failed', 'Succeeded']);
    const { rules } = await simulator.control('GET', '/machine-action-rules');
    const [{ id } = { id: '' }] = rules as { id: string }[];
    expect(rules).toEqual([
      { id, match: { machineId, type: 'Unisolate' }, outcome: 'fail', times: 1, hits: 1 },
    ]);
    await simulator.control('DELETE', `/machine-action-rules/${id}`);
    expect(await simulator.control('GET', '/machine-action-rules')).toEqual({ rules: [] });
  });
});

describe('In the portal', () => {
  it('somebody acts: the API shows who, and refuses a second action meanwhile', async () => {
    const machineId = await add();
    const action = await simulator.control('POST', '/machine-actions', {
      machineId,
      type: 'Isolate',
      comment: 'By hand',
      requestor: 'ada@harbourlane.example',
    });
    expect(await select(`machineId eq '${machineId}'`)).toMatchObject([
      {
        id: action.id,
        requestSource: 'Portal',
        requestor: 'ada@harbourlane.example',
        requestorComment: 'By hand',
        scope: 'Full',
      },
    ]);
    expect((await isolate(machineId)).json).toMatchObject({ error: { code: 'ActiveRequestAlreadyExists' } });
    await advance(5);
    expect(await isIsolated(machineId)).toBe(true);
  });

  it('somebody cancels what the API asked for', async () => {
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    await simulator.control('POST', `/machine-actions/${id}/cancel`, { requestor: 'bo@harbourlane.example' });
    expect(await read(id)).toMatchObject({
      status: 'Cancelled',
      cancellationRequestor: 'bo@harbourlane.example',
    });
    const again = await simulator.tryControl('POST', `/machine-actions/${id}/cancel`);
    expect([again.status, again.json.error]).toEqual([400, 'The machine action is over: Cancelled.']);
  });
});

describe('Control', () => {
  it('lists all actions, the invisible ones too, and forgets them', async () => {
    await rule({ visibleAfterSeconds: 5 });
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    const { actions } = await simulator.control('GET', '/machine-actions');
    expect(actions).toMatchObject([{ id, status: 'Pending', visible: false }]);
    await advance(5);
    await simulator.control('DELETE', '/machine-actions');
    expect(await simulator.control('GET', '/machine-actions')).toEqual({ actions: [] });
    expect(await isIsolated(machineId)).toBe(true); // What was done stays done.
  });

  it('lets the actions of a removed machine time out', async () => {
    const machineId = await add();
    const { id } = await created(isolate(machineId));
    await simulator.control('DELETE', `/machines/${machineId}`);
    await advance(3 * day);
    expect(await statusOf(id)).toBe('TimeOut');
  });

  it.each([
    ['POST', '/machine-actions', { type: 'Isolate' }, 400],
    ['POST', '/machine-actions', { machineId: 'x', type: 'Isolate' }, 404],
    ['POST', '/machine-actions/x/cancel', {}, 404],
    ['POST', '/machine-action-rules', { outcome: 'explode' }, 400],
    ['POST', '/machine-action-rules', { duplicate: 'maybe' }, 400],
    ['POST', '/machine-action-rules', { pendingSeconds: -1 }, 400],
    ['POST', '/machine-action-rules', { match: { name: 'x' } }, 400],
    ['POST', '/machine-action-rules', { match: { type: 'Contain' } }, 400],
    ['POST', '/machine-action-rules', { often: 1 }, 400],
    ['DELETE', '/machine-action-rules/x', undefined, 404],
  ])('refuses %s %s %j by %i', async (method, path, body, status) => {
    expect((await simulator.tryControl(method, path, body)).status).toBe(status);
  });

  it('refuses an action in the portal while one is open', async () => {
    const order = { machineId: await add(), type: 'Isolate' };
    await simulator.control('POST', '/machine-actions', order);
    const { status, json } = await simulator.tryControl('POST', '/machine-actions', order);
    expect([status, json.error]).toEqual([400, 'An action of type Isolate is already in progress.']);
  });
});

describe('A fault rule for a POST', () => {
  const addFault = (effect: unknown, match: unknown = {}): Promise<unknown> =>
    simulator.control('POST', '/faults', { service: 'defender', times: 1, match, effect });

  it.each([
    ['beforeCall', 0],
    ['beforeAnswer', 1],
    ['midBody', 1],
  ])('drops the connection %s: %i action is created', async (dropConnection, count) => {
    const machineId = await add();
    await addFault({ dropConnection }, { method: 'POST', pathContains: '/isolate' });
    await expect(isolate(machineId)).rejects.toThrow();
    expect((await truth(machineId)).actions).toHaveLength(count);
    expect((await isolate(machineId)).status).toBe(count === 0 ? 201 : 400);
  });

  it('is not carried out, and not counted, when something in front of the service answers', async () => {
    await simulator.control('POST', '/limits', { perMinute: 1 });
    const machineId = await add();
    for (const effect of [
      { status: 503 },
      { throttle: { retryAfter: 1 } },
      { html: true },
      { dropConnection: 'beforeCall' },
    ]) {
      await addFault(effect, { method: 'POST' });
      await isolate(machineId).catch(() => undefined);
    }
    expect((await truth(machineId)).actions).toEqual([]);
    expect((await isolate(machineId)).status).toBe(201);
  });

  it('leaves other methods and paths alone', async () => {
    const machineId = await add();
    await addFault({ status: 500 }, { method: 'POST', pathContains: '/unisolate' });
    expect((await simulator.get(`/api/machines/${machineId}`, token)).status).toBe(200);
    expect((await isolate(machineId)).status).toBe(201);
    expect((await release(machineId)).status).toBe(500);
  });

  it('shows in the request log, without any body', async () => {
    const machineId = await add();
    await simulator.control('DELETE', '/requests');
    await addFault({ dropConnection: 'beforeAnswer' });
    await isolate(machineId).catch(() => undefined);
    await isolate(machineId);
    const { text, json } = await simulator.tryControl('GET', '/requests?service=defender');
    const path = `/api/machines/${machineId}/isolate`;
    expect(json.requests).toMatchObject([
      { method: 'POST', path, status: null, fault: expect.stringMatching(/^fault-/) as unknown },
      { method: 'POST', path, status: 400, fault: null },
    ]);
    expect(text).not.toContain('Alert 1234');
  });

  it('answers a list of machines in part', async () => {
    await addFault({ partial: true });
    const all = (await simulator.get('/api/machines', token)).json.value as unknown[];
    const whole = (await simulator.get('/api/machines', token)).json.value as unknown[];
    expect(all.length).toBeLessThan(whole.length);
  });
});
