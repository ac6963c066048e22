import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, signInAs, signInApplication, type Api, type Caller } from './signInAs.ts';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

interface Machine {
  readonly id: string;
  readonly rbacGroupName: string | null;
  readonly osPlatform: string;
}

let simulator: TestSimulator;
let analyst: Caller;
let reader: Caller;
let newcomer: Caller;
let northerner: Caller;
let northern: Machine;
let southern: Machine;
beforeAll(async () => {
  simulator = await startTestSimulator();
  const limited = (await listRoles()).find(({ deviceGroups }) => deviceGroups !== 'all');
  analyst = signInAs(simulator, 'analyst');
  reader = signInAs(simulator, 'reader');
  newcomer = signInAs(simulator, 'newcomer');
  northerner = signInAs(simulator, limited?.user ?? '');
  const machines = (await list(signInApplication(simulator), '/api/machines')) as unknown as Machine[];
  northern = findMachine(machines, 'North');
  southern = findMachine(machines, 'South');
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.control('DELETE', '/machine-actions');
  await simulator.control('DELETE', '/alerts');
  await simulator.control('POST', '/alerts', [
    { id: 'da1_1', incidentId: 100, machineId: northern.id, rbacGroupName: 'North' },
    { id: 'da1_2', incidentId: 100, machineId: southern.id, rbacGroupName: 'South' },
    { id: 'da1_3', incidentId: 200, machineId: southern.id, rbacGroupName: null },
    { id: 'da1_4', incidentId: 300, machineId: null, rbacGroupName: null },
  ]);
});

/** One that every kind of isolation works on. */
function findMachine(machines: readonly Machine[], group: string): Machine {
  const found = machines.find(
    ({ rbacGroupName, osPlatform }) => rbacGroupName === group && osPlatform === 'Windows11',
  );
  if (found === undefined) throw new Error(`The company has no Windows 11 in ${group}.`);
  return found;
}

interface Role {
  readonly user: string;
  readonly deviceGroups: unknown;
}

async function listRoles(): Promise<readonly Role[]> {
  return (await simulator.control('GET', '/defender/roles')).roles as readonly Role[];
}

const list = async (
  caller: Caller,
  path: string,
  api: Api = 'endpoint',
): Promise<readonly Readonly<Record<string, unknown>>[]> => recordsOf(await caller.get(api, path));
const idsOf = async (...from: Parameters<typeof list>): Promise<unknown[]> =>
  (await list(...from)).map(({ id, incidentId }) => id ?? incidentId).sort();
const isolate = (caller: Caller, { id }: Machine): Promise<Reply> =>
  caller.post('endpoint', `/api/machines/${id}/isolate`, { Comment: 'Test', IsolationType: 'Full' });

const huntingPaths = {
  endpoint: '/api/advancedqueries/run',
  xdr: '/api/advancedhunting/run',
  graph: '/v1.0/security/runHuntingQuery',
} as const;

const reads: readonly (readonly [Api, string])[] = [
  ['endpoint', '/api/alerts'],
  ['endpoint', '/api/alerts/da1_1'],
  ['endpoint', '/api/machines'],
  ['endpoint', '/api/machineactions'],
  ['xdr', '/api/incidents'],
  ['xdr', '/api/incidents/100'],
  ['graph', '/v1.0/security/alerts_v2'],
  ['graph', '/v1.0/security/incidents'],
];

// https://learn.microsoft.com/defender-endpoint/api/get-alerts#permissions and the tables of the other calls
describe('A person', () => {
  it.each(reads)('with View data reads at %s %s', async (api, path) => {
    expect((await reader.get(api, path)).status).toBe(200);
  });

  it.each(reads)('without a role in Defender is refused at %s %s by 403', async (api, path) => {
    const { status, text } = await newcomer.get(api, path);
    expect(status).toBe(403);
    expect(text).toContain('has no role in Microsoft Defender');
  });

  it.each(Object.entries(huntingPaths) as [Api, string][])(
    'hunts at %s with View data, and not without a role',
    async (api, path) => {
      const body = { Query: 'print 1' };
      expect((await reader.post(api, path, body)).status).toBe(200);
      expect((await newcomer.post(api, path, body)).status).toBe(403);
    },
  );

  it('with View data only cannot isolate: 403 that names the permission (isolate-machine)', async () => {
    const { status, text } = await isolate(reader, northern);
    expect(status).toBe(403);
    expect(text).toContain("'Active remediation actions'");
  });

  it('who may act is the requestor of the action, and of its cancellation (machineaction)', async () => {
    const upn = (await listRoles())[0]?.user;
    const { status, json } = await isolate(analyst, southern);
    expect([status, json]).toMatchObject([201, { requestor: upn }]);
    const cancel = `/api/machineactions/${String(json.id)}/cancel`;
    expect((await reader.post('endpoint', cancel, { Comment: 'No' })).status).toBe(403);
    const cancelled = await analyst.post('endpoint', cancel, { Comment: 'No' });
    expect([cancelled.status, cancelled.json]).toMatchObject([200, { cancellationRequestor: upn }]);
  });

  it('is refused without the delegated permission of the call', async () => {
    const scope = {
      principal: simulator.company.apiClientId,
      resource: 'WindowsDefenderATP',
      scope: 'Machine.Isolate',
    };
    await simulator.control('POST', '/entra/scopes', { ...scope, granted: false });
    const { status, text } = await isolate(signInAs(simulator, 'analyst'), northern);
    await simulator.control('POST', '/entra/scopes', scope);
    expect(status).toBe(403);
    expect(text).toContain('API required scopes: Machine.Isolate');
  });
});

// https://learn.microsoft.com/defender-endpoint/machine-groups
describe('A person who is limited to a device group', () => {
  it('is listed the machines of that group only', async () => {
    const groups = (await list(northerner, '/api/machines')).map(({ rbacGroupName }) => rbacGroupName);
    expect(new Set(groups)).toEqual(new Set(['North']));
    expect((await northerner.get('endpoint', `/api/machines/${northern.id}`)).status).toBe(200);
    expect((await northerner.get('endpoint', `/api/machines/${southern.id}`)).status).toBe(404);
  });

  it('sees alerts of those machines, and alerts without one', async () => {
    expect(await idsOf(northerner, '/api/alerts')).toEqual(['da1_1', 'da1_4']);
    expect(await idsOf(northerner, '/v1.0/security/alerts_v2', 'graph')).toEqual(['da1_1', 'da1_4']);
    expect((await northerner.get('endpoint', '/api/alerts/da1_2')).status).toBe(404);
    expect((await northerner.get('graph', '/v1.0/security/alerts_v2/da1_3')).status).toBe(404);
    expect(await idsOf(analyst, '/api/alerts')).toHaveLength(4);
  });

  it('sees incidents with such alerts, and of them those alerts only', async () => {
    expect(await idsOf(northerner, '/api/incidents', 'xdr')).toEqual([100, 300]);
    const { json } = await northerner.get('xdr', '/api/incidents/100');
    expect((json.alerts as { alertId: string }[]).map(({ alertId }) => alertId)).toEqual(['da1_1']);
    expect((await northerner.get('graph', '/v1.0/security/incidents/200')).status).toBe(404);
  });

  it('hunts among those machines', async () => {
    const hunt = async (caller: Caller, query: string): Promise<unknown[]> =>
      (await caller.post('graph', huntingPaths.graph, { Query: query })).json.results as unknown[];
    const query = 'DeviceInfo | distinct DeviceId';
    const seen = (await hunt(northerner, query)) as { DeviceId: string }[];
    expect(seen.some(({ DeviceId }) => DeviceId === northern.id)).toBe(true);
    expect(seen.some(({ DeviceId }) => DeviceId === southern.id)).toBe(false);
    expect((await hunt(analyst, query)).length).toBeGreaterThan(seen.length);
    expect(await hunt(northerner, 'AlertInfo | distinct AlertId | sort by AlertId asc')).toEqual([
      { AlertId: 'da1_1' },
      { AlertId: 'da1_4' },
    ]);
  });

  it('acts on those machines, and gets 403 for others', async () => {
    expect((await isolate(northerner, northern)).status).toBe(201);
    const refused = await isolate(northerner, southern);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('device group');
    const { json } = await isolate(analyst, southern);
    const cancel = `/api/machineactions/${String(json.id)}/cancel`;
    expect((await northerner.post('endpoint', cancel, { Comment: 'No' })).status).toBe(403);
  });
});

describe('Roles in Defender', () => {
  it('can be given and taken while the person is signed in', async () => {
    const user = 'newcomer';
    const groups = { permissions: ['View data'], deviceGroups: ['UnassignedGroup', 22] };
    await simulator.control('POST', '/defender/roles', { user, ...groups });
    const seen = new Set((await list(newcomer, '/api/machines')).map(({ rbacGroupName }) => rbacGroupName));
    expect(seen).toEqual(new Set([null, 'South']));
    await simulator.control('DELETE', `/defender/roles/${user}`);
    expect((await newcomer.get('endpoint', '/api/machines')).status).toBe(403);
    expect((await simulator.tryControl('DELETE', `/defender/roles/${user}`)).status).toBe(404);
  });

  it.each([
    [{ user: 'nobody', permissions: ['View data'] }, "no user 'nobody'"],
    [{ user: 'reader', permissions: ['View everything'] }, "'permissions'"],
    [{ user: 'reader' }, "'permissions'"],
    [{ user: 'reader', permissions: [], deviceGroups: 'North' }, "'deviceGroups'"],
  ])('are refused when they are %j', async (body, message) => {
    const { status, text } = await simulator.tryControl('POST', '/defender/roles', body);
    expect([status, text.includes(message)]).toEqual([400, true]);
  });
});
