import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

type Machine = Readonly<Record<string, unknown>>;

let simulator: TestSimulator;
let token: string;
let firstToken: string;
beforeAll(async () => {
  simulator = await startTestSimulator();
  await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T12:00:00Z' });
  await simulator.control('POST', '/entra/token-lifetime', { seconds: 86_400 });
  firstToken = await simulator.getToken();
  token = firstToken;
});
afterAll(() => simulator.stop());
afterEach(async () => {
  await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T12:00:00Z' });
  await simulator.control('POST', '/machines/reset');
  await simulator.control('POST', '/limits', {});
  token = firstToken;
});

const get = (path: string): Promise<Reply> => simulator.get(path, token);

/** The machines that a query selects; throws unless the answer is 200. */
async function list(query: Readonly<Record<string, string>> = {}): Promise<readonly Machine[]> {
  const reply = await get(`/api/machines?${new URLSearchParams(query).toString()}`);
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
  return reply.json.value as Machine[];
}

const select = ($filter: string): Promise<readonly Machine[]> => list({ $filter });

/** Adds a machine and returns its id. */
async function add(body: unknown = {}): Promise<string> {
  const { machines } = await simulator.control('POST', '/machines', body);
  return (machines as { id: string }[])[0]?.id ?? '';
}

async function advance(days: number): Promise<void> {
  await simulator.control('POST', '/clock', { advanceSeconds: days * 86_400 });
  token = await simulator.getToken();
}

// https://learn.microsoft.com/defender-endpoint/api/machine, and properties seen in real records.
const documentedProperties = [
  'aadDeviceId',
  'agentVersion',
  'computerDnsName',
  'deviceValue',
  'exclusionReason',
  'exposureLevel',
  'firstSeen',
  'healthStatus',
  'id',
  'ipAddresses',
  'isAadJoined',
  'isExcluded',
  'isPotentialDuplication',
  'lastExternalIpAddress',
  'lastIpAddress',
  'lastSeen',
  'machineTags',
  'managedBy',
  'managedByStatus',
  'mergedIntoMachineId',
  'onboardingStatus',
  'osArchitecture',
  'osBuild',
  'osPlatform',
  'osProcessor',
  'osVersion',
  'rbacGroupId',
  'rbacGroupName',
  'riskScore',
  'version',
  'vmMetadata',
];

describe('The machines of the company', () => {
  it('have the documented properties in the documented shapes', async () => {
    for (const machine of await list()) {
      expect(Object.keys(machine).sort()).toEqual(documentedProperties);
      expect(machine.id).toMatch(/^[0-9a-f]{40}$/);
      expect(machine.lastSeen).toMatch(/^2026-0\d-\d\dT[0-9:.]+Z$/);
      expect(machine.ipAddresses).toHaveLength(3);
    }
  });

  it('are the devices that alerts are about', async () => {
    const machines = new Map((await list()).map((machine) => [machine.id, machine]));
    await simulator.control('POST', '/alerts', { count: 300, evidenceItems: 0 });
    const alerts = (await get('/api/alerts')).json.value as Machine[];
    expect(new Set(alerts.map(({ machineId }) => machineId)).size).toBe(40);
    for (const alert of alerts) {
      const machine = machines.get(alert.machineId);
      expect([machine?.computerDnsName, null]).toContain(alert.computerDnsName);
      expect([machine?.rbacGroupName, null]).toContain(alert.rbacGroupName);
    }
    await simulator.control('DELETE', '/alerts');
  });

  it('are a mix of systems, values, groups, and devices that are not onboarded', async () => {
    const machines = await list();
    const values = (name: string): Set<unknown> => new Set(machines.map((machine) => machine[name]));
    const platforms = [...values('osPlatform')];
    for (const platform of ['Windows10', 'Windows11', 'WindowsServer2019', 'Ubuntu', 'RedHatEnterpriseLinux'])
      expect(platforms).toContain(platform);
    expect(values('deviceValue')).toEqual(new Set(['Normal', 'Low', 'High']));
    expect(values('onboardingStatus')).toContain('CanBeOnboarded');
    expect(values('healthStatus')).toEqual(new Set(['Active', 'Inactive', 'Unknown']));
    expect(values('aadDeviceId')).toContain(null);
    expect(values('osBuild')).toContain(null);
  });

  it('have domain controllers that only tag and group tell from other servers', async () => {
    const controllers = await select("machineTags/any(tag: tag eq 'Domain Controller')");
    expect(controllers).toHaveLength(2);
    for (const { rbacGroupName, deviceValue, osPlatform } of controllers) {
      expect([rbacGroupName, deviceValue]).toEqual(['Domain Controllers', 'High']);
      expect(osPlatform).toMatch(/^WindowsServer20\d\d$/);
    }
  });

  it('have names that are hard to resolve', async () => {
    const machines = await list();
    const ofName = (name: unknown): readonly Machine[] =>
      machines.filter(({ computerDnsName }) => computerDnsName === name);
    const stale = machines.find(({ isPotentialDuplication }) => isPotentialDuplication);
    expect(stale?.healthStatus).toBe('Inactive');
    const { healthStatus } = ofName(stale?.computerDnsName).find(({ id }) => id !== stale?.id) ?? {};
    expect(healthStatus).toBe('Active');

    const merged = machines.find(({ mergedIntoMachineId }) => mergedIntoMachineId !== null);
    const current = machines.find(({ id }) => id === merged?.mergedIntoMachineId);
    expect(current).toMatchObject({ computerDnsName: merged?.computerDnsName, healthStatus: 'Active' });

    const kiosks = ofName('kiosk.corp.harbourlane.example');
    expect(kiosks.map((kiosk) => kiosk.healthStatus)).toEqual(['Active', 'Active']);
    expect(await select("startswith(computerDnsName,'srv1')")).toHaveLength(2);
    expect(await select("computerDnsName eq 'srv1.corp.harbourlane.example'")).toHaveLength(1);
  });

  it('are the same for the same seed', async () => {
    const other = await startTestSimulator();
    const ids = async (one: TestSimulator): Promise<unknown[]> =>
      ((await one.control('GET', '/machines')).machines as { id: string }[]).map(({ id }) => id);
    expect(await ids(other)).toEqual(await ids(simulator));
    await other.stop();
  });
});

// https://learn.microsoft.com/defender-endpoint/api/get-machines
describe('Defender lists machines', () => {
  it('under both prefixes, with context, in pages that follow no order', async () => {
    const all = await list();
    for (const prefix of ['/api', '/api/v1.0']) {
      const { json } = await get(`${prefix}/machines?$top=2`);
      expect(json['@odata.context']).toBe(`${simulator.urls.defender}${prefix}/$metadata#Machines`);
      expect(json.value).toEqual(all.slice(0, 2));
      expect(json).not.toHaveProperty('@odata.nextLink');
    }
    expect(await list({ $top: '10', $skip: '5' })).toEqual(all.slice(5, 15));
    const names = all.map(({ computerDnsName }) => String(computerDnsName));
    expect(names).not.toEqual(names.toSorted());
  });

  it('page by page through @odata.nextLink when there are more than 10,000 and no $top is given', async () => {
    await simulator.control('DELETE', '/machines');
    await add({ count: 10_001 });
    const first = await get('/api/machines');
    expect(first.json.value).toHaveLength(10_000);
    const link = new URL(String(first.json['@odata.nextLink']));
    expect((await get(`${link.pathname}${link.search}`)).json.value).toHaveLength(1);
  });

  it.each<[string, (machine: Machine) => boolean]>([
    ["id eq '1e5bc9d7e413ddd7902c2932e418702b84d0cc07'", () => false],
    ["version eq '24H2'", ({ version }) => version === '24H2'],
    ["deviceValue eq 'High'", ({ deviceValue }) => deviceValue === 'High'],
    ['aadDeviceId eq null', ({ aadDeviceId }) => aadDeviceId === null],
    ['aadDeviceId ne null', ({ aadDeviceId }) => aadDeviceId !== null],
    [
      'lastSeen lt 2026-04-20T00:00:00Z',
      ({ lastSeen }) => Date.parse(String(lastSeen)) < Date.parse('2026-04-20T00:00:00Z'),
    ],
    ['lastSeen gt 2026-04-30Z', ({ lastSeen }) => String(lastSeen) > '2026-04-30T00:00:00'],
    ["exposureLevel ne 'Low'", ({ exposureLevel }) => exposureLevel !== 'Low'],
    ["onboardingStatus eq 'CanBeOnboarded'", ({ onboardingStatus }) => onboardingStatus === 'CanBeOnboarded'],
    ["lastIpAddress eq '192.0.2.1'", () => false],
    ["healthStatus eq 'Inactive'", ({ healthStatus }) => healthStatus === 'Inactive'],
    ["HealthStatus ne 'Active'", ({ healthStatus }) => healthStatus !== 'Active'],
    ["osPlatform eq 'Ubuntu'", ({ osPlatform }) => osPlatform === 'Ubuntu'],
    ["riskScore eq 'High'", ({ riskScore }) => riskScore === 'High'],
    ['rbacGroupId eq 12', ({ rbacGroupName }) => rbacGroupName === 'Servers'],
    [
      "osPlatform eq 'Windows11' and (riskScore eq 'Low' or riskScore eq 'High')",
      ({ osPlatform, riskScore }) =>
        osPlatform === 'Windows11' && ['Low', 'High'].includes(String(riskScore)),
    ],
    [
      "machineTags/any(t:t eq 'Tier 0') or startswith(computerDnsName,'kiosk')",
      ({ machineTags, computerDnsName }) =>
        (machineTags as string[]).includes('Tier 0') || String(computerDnsName).startsWith('kiosk'),
    ],
  ])('by the filter %s', async ($filter, holds) => {
    const expected = (await list()).filter(holds);
    expect(await select($filter)).toEqual(expected);
  });

  it('by an Entra device id, which is a Guid and has no quotes', async () => {
    const [machine] = await select('aadDeviceId ne null');
    const id = String(machine?.aadDeviceId).toUpperCase();
    const found = await select(`aadDeviceId eq ${id}`);
    expect(found.map(({ aadDeviceId }) => aadDeviceId)).toContain(machine?.aadDeviceId);
    const quoted = await get(`/api/machines?$filter=aadDeviceId eq '${id}'`);
    expect(quoted.json).toMatchObject({ error: { code: 'ODataError' } });
  });

  it('as an empty list when a filter selects none, and as 404 when there is no machine at all', async () => {
    expect(await select("computerDnsName eq 'nobody'")).toEqual([]);
    await simulator.control('DELETE', '/machines');
    const reply = await get('/api/machines');
    expect([reply.status, reply.json.error]).toEqual([404, expect.objectContaining({ code: 'NotFound' })]);
  });

  it.each([
    ['$orderby=lastSeen'],
    ['$select=id'],
    ['$count=true'],
    ['$expand=alerts'],
    ['$top=10001'],
    ['$skip=-1'],
    ['filter=x'],
    ["$filter=rbacGroupName eq 'Servers'"],
    ['$filter=isAadJoined eq true'],
    ["$filter=machineTags eq 'Pilot'"],
    ["$filter=healthStatus eq 'Asleep'"],
    ["$filter=rbacGroupId eq '12'"],
    ['$filter=aadDeviceId gt 80fe8ff8-2624-418e-9591-41f0491218f9'],
    ["$filter=startswith(lastSeen,'2026')"],
    ["$filter=startswith(computerDnsName 'srv')"],
    ['$filter=machineTags/any(tag: tag eq 1)'],
  ])('refusing the query %s by 400 ODataError (get-machines, common-errors)', async (query) => {
    const reply = await get(`/api/machines?${query}`);
    expect([reply.status, reply.json]).toMatchObject([400, { error: { code: 'ODataError' } }]);
  });

  it.each([
    ["$filter=contains(computerDnsName,'srv')"],
    ["$filter=machineTags/any(tag: startswith(tag,'Tier'))"],
    ["$filter=ipAddresses/any(a: a/ipAddress eq '10.0.0.1')"],
  ])('answering 501 to the query %s', async (query) => {
    expect((await get(`/api/machines?${query}`)).status).toBe(501);
  });
});

// https://learn.microsoft.com/defender-endpoint/api/get-machine-by-id
describe('Defender shows a machine', () => {
  it('by id and by name, with the documented context', async () => {
    const [machine] = await select("startswith(computerDnsName,'srv10.')");
    for (const name of [String(machine?.id), 'srv10.corp.harbourlane.example']) {
      const { status, json } = await get(`/api/machines/${name}`);
      expect(status).toBe(200);
      expect(json).toEqual({
        '@odata.context': `${simulator.urls.defender}/api/$metadata#Machine`,
        ...machine,
      });
    }
  });

  it.each([
    ['srv1', 404],
    ['SRV1.corp.harbourlane.example', 404],
    ['1e5bc9d7e413ddd7902c2932e418702b84d0cc07', 404],
    ['kiosk.corp.harbourlane.example', 501],
  ])('%s by %i: a name must be whole, and mean one machine', async (name, status) => {
    expect((await get(`/api/machines/${name}`)).status).toBe(status);
  });

  it('by 404 ResourceNotFound that names it when there is none (common-errors)', async () => {
    const { json } = await get('/api/machines/123123123');
    expect(json).toMatchObject({
      error: { code: 'ResourceNotFound', message: 'Machine 123123123 was not found' },
    });
  });

  it('by 400 when the call has a query option', async () => {
    expect((await get('/api/machines/x?$top=1')).json).toMatchObject({ error: { code: 'ODataError' } });
  });
});

describe('A machine', () => {
  it('reports daily while it is connected, and not any more once it is away', async () => {
    const id = await add();
    const lastSeen = async (): Promise<number> =>
      Date.parse(String((await get(`/api/machines/${id}`)).json.lastSeen));
    const first = await lastSeen();
    const age = Date.parse('2026-05-01T12:00:00Z') - first;
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(86_400_000);
    await advance(2);
    expect(await lastSeen()).toBe(first + 2 * 86_400_000);
    await simulator.control('PATCH', `/machines/${id}`, { isOnline: false });
    await advance(6);
    expect((await get(`/api/machines/${id}`)).json.healthStatus).toBe('Active');
    expect(await lastSeen()).toBe(first + 2 * 86_400_000);
    await advance(2);
    expect((await get(`/api/machines/${id}`)).json.healthStatus).toBe('Inactive');
    await simulator.control('PATCH', `/machines/${id}`, { isOnline: true });
    expect((await get(`/api/machines/${id}`)).json.healthStatus).toBe('Active');
    expect(await lastSeen()).toBe(first + 10 * 86_400_000);
  });

  it('is forgotten 180 days after its last report', async () => {
    await simulator.control('DELETE', '/machines');
    const id = await add({ isOnline: false });
    await advance(170);
    expect(await list()).toHaveLength(1);
    await advance(11);
    expect((await get('/api/machines')).status).toBe(404);
    expect((await get(`/api/machines/${id}`)).status).toBe(404);
  });
});

describe('Reading machines', () => {
  const grant = (role: string, granted: boolean): Promise<unknown> =>
    simulator.control('POST', '/entra/roles', {
      principal: simulator.company.defenderClientId,
      resource: 'WindowsDefenderATP',
      role,
      granted,
    });

  it('needs Machine.Read.All or Machine.ReadWrite.All; the refusal names both (get-machines)', async () => {
    const paths = ['/api/machines', '/api/machines/srv1.corp.harbourlane.example', '/api/machineactions'];
    await grant('Machine.Read.All', false);
    const without = await simulator.getToken();
    await grant('Machine.ReadWrite.All', true);
    const writer = await simulator.getToken();
    await grant('Machine.ReadWrite.All', false);
    await grant('Machine.Read.All', true);
    for (const path of paths) {
      const refused = await simulator.get(path, without);
      expect([refused.status, refused.json]).toMatchObject([
        403,
        {
          error: {
            code: 'Forbidden',
            message:
              'Missing application roles. API required roles: Machine.Read.All,Machine.ReadWrite.All, application roles: AdvancedQuery.Read.All,Alert.Read.All,Machine.Isolate.',
          },
        },
      ]);
      expect((await simulator.get(path, writer)).status).toBe(200);
    }
  });

  it('is limited for each API on its own, in the way control says', async () => {
    await simulator.control('POST', '/limits', { api: 'machines', perMinute: 1 });
    expect((await get('/api/machines?$top=0')).status).toBe(200);
    const refused = await get('/api/machines?$top=0');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(refused.text).toContain('maximum allowed 1 per 00:01:00');
    for (const path of ['/api/machines/srv1.corp.harbourlane.example', '/api/machineactions', '/api/alerts'])
      expect((await get(path)).status).toBe(200);
    expect(await simulator.control('GET', '/limits')).toEqual({
      perMinute: 100,
      perHour: 1500,
      retryAfterAs: 'seconds',
      apis: {
        machines: { perMinute: 1, perHour: 1500, retryAfterAs: 'seconds' },
        incidents: { perMinute: 50, perHour: 1500, retryAfterAs: 'seconds' },
        graphSecurity: { perMinute: 150, perHour: null, retryAfterAs: 'seconds' },
      },
    });
    await simulator.control('POST', '/limits', { perMinute: 2 });
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await get('/api/machines?$top=0')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('of 101 machines one by one within a minute is refused at the end (get-machine-by-id)', async () => {
    const statuses = new Set<number>();
    for (let index = 0; index < 100; index += 1) statuses.add((await get('/api/machines/nobody')).status);
    expect(statuses).toEqual(new Set([404]));
    expect((await get('/api/machines/nobody')).status).toBe(429);
  });
});

describe('Documented calls that are not simulated', () => {
  it.each([
    ['GET', "/api/machines/findbyip(ip='10.0.0.1',timestamp=2026-01-01T00:00:00Z)"],
    ['GET', '/api/machines/findbytag?tag=x'],
    ['POST', '/api/machines/AddOrRemoveTagForMultipleMachines'],
    ['PATCH', '/api/machines/x'],
    ['POST', '/api/machines/x/tags'],
    ['POST', '/api/machines/x/setDeviceValue'],
    ['GET', '/api/machines/x/logonusers'],
    ['GET', '/api/machines/x/alerts'],
    ['GET', '/api/machines/x/alerts/$count'],
    ['GET', '/api/machines/x/software'],
    ['POST', '/api/machines/x/runAntiVirusScan'],
    ['POST', '/api/machines/x/restrictCodeExecution'],
    ['POST', '/api/machines/x/unrestrictCodeExecution'],
    ['POST', '/api/machines/x/collectInvestigationPackage'],
    ['POST', '/api/machines/x/StopAndQuarantineFile'],
    ['POST', '/api/machines/x/offboard'],
    ['POST', '/api/machines/x/runliveresponse'],
    ['POST', '/api/machines/x/startInvestigation'],
    ['GET', '/api/machineactions/x/getPackageUri'],
    ['GET', '/api/machineactions/x/GetLiveResponseResultDownloadLink(index=0)'],
  ])('%s %s answers 501', async (method, path) => {
    const reply = await simulator.fetch(`${simulator.urls.defender}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect([reply.status, reply.text]).toEqual([501, expect.stringContaining('The simulator does not do')]);
  });

  it.each([
    ['POST', '/api/machines', 405],
    ['DELETE', '/api/machines/x', 405],
    ['GET', '/api/machines/x/isolate', 405],
    ['POST', '/api/machines/x/explode', 404],
    ['POST', '/api/machines/x/isolate/y', 404],
    ['GET', '/api/machines/', 404],
    ['POST', '/api/machineactions', 405],
    ['GET', '/api/machineactions/', 404],
    ['GET', '/api/machineactions/x/cancel', 405],
    ['POST', '/api/machineactions/x/repeat', 404],
    ['GET', '/api/machineActions', 404],
  ])('%s %s, which is none, answers %i', async (method, path, status) => {
    const reply = await simulator.fetch(`${simulator.urls.defender}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reply.status).toBe(status);
  });
});

describe('Control writes machines', () => {
  it('with given properties over the generated ones: null, unknown, left out and raw', async () => {
    const id = await add({
      computerDnsName: 'odd.example',
      healthStatus: null,
      lastSeen: null,
      newProperty: { nested: [1] },
      osBuild: { raw: '123456789012345678901234567890' },
      without: ['machineTags', 'riskScore'],
    });
    const { text, json } = await get(`/api/machines/${id}`);
    expect(json).toMatchObject({ healthStatus: null, lastSeen: null, newProperty: { nested: [1] } });
    expect(json).not.toHaveProperty('machineTags');
    expect(text).toContain('"osBuild":123456789012345678901234567890');
    expect(await select("riskScore eq null and computerDnsName eq 'odd.example'")).toHaveLength(1);
  });

  it('whose whole text is given, also when it is not JSON', async () => {
    const id = 'a'.repeat(40);
    await add({ id, raw: '{"id":"raw",,}' });
    expect((await get(`/api/machines?$filter=id eq '${id}'`)).text).toContain('"value":[{"id":"raw",,}]');
  });

  it('and changes, removes and restores them', async () => {
    const before = await list();
    const id = String(before[0]?.id);
    await simulator.control('PATCH', `/machines/${id}`, { deviceValue: 'Low', machineTags: ['Crown jewel'] });
    expect(await select("machineTags/any(tag: tag eq 'Crown jewel')")).toMatchObject([
      { id, deviceValue: 'Low' },
    ]);
    await simulator.control('DELETE', `/machines/${id}`);
    expect(await list()).toHaveLength(before.length - 1);
    await simulator.control('POST', '/machines/reset');
    expect(await list()).toEqual(before);
  });

  it('and lists them with the truth that the API does not tell', async () => {
    const id = await add({ isIsolated: true, isOnline: false });
    const { machines } = await simulator.control('GET', '/machines');
    expect((machines as Machine[]).find((machine) => machine.id === id)).toEqual({
      id,
      computerDnsName: 'added-001.corp.harbourlane.example',
      onboardingStatus: 'Onboarded',
      healthStatus: 'Active',
      lastSeen: expect.any(String) as unknown,
      isIsolated: true,
      isOnline: false,
      actions: [],
    });
    expect((await get(`/api/machines/${id}`)).text).not.toContain('solated');
  });

  it.each([
    ['POST', '/machines', { count: 2, id: 'x' }, 400],
    ['POST', '/machines', { count: 0 }, 400],
    ['POST', '/machines', { without: 'id' }, 400],
    ['POST', '/machines', { isOnline: 'yes' }, 400],
    ['PATCH', '/machines/nobody', {}, 404],
    ['DELETE', '/machines/nobody', undefined, 404],
    ['POST', '/limits', { api: 'mail' }, 400],
  ])('but refuses %s %s %j by %i', async (method, path, body, status) => {
    expect((await simulator.tryControl(method, path, body)).status).toBe(status);
  });

  it('but refuses an id that is taken', async () => {
    const id = await add();
    const { status, json } = await simulator.tryControl('POST', '/machines', { id });
    expect([status, json.error]).toEqual([400, expect.stringContaining('already')]);
  });
});
