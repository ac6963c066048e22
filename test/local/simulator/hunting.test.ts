import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHunter, huntingScopes, type Hunter } from './hunt.ts';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let hunter: Hunter;
beforeAll(async () => {
  simulator = await startTestSimulator({ history: 40 });
  hunter = await createHunter(simulator);
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.control('POST', '/hunting/limits', {}));

const paths = { endpoint: '/api/advancedqueries/run', xdr: '/api/advancedhunting/run' } as const;
const oldApis = ['endpoint', 'xdr'] as const;

// https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api
// https://learn.microsoft.com/defender-xdr/api-advanced-hunting
describe.each(oldApis)('The older hunting call of %s', (api) => {
  it('answers with Stats, Schema and Results', async () => {
    const { status, json } = await hunter[api](
      "print Timestamp = datetime(2026-01-02), FileName = 'cmd.exe', n = 3",
    );
    expect(status).toBe(200);
    expect(json).toEqual({
      Stats: {
        ExecutionTime: expect.any(Number) as number,
        dataset_statistics: [{ table_row_count: 1, table_size: expect.any(Number) as number }],
      },
      Schema: [
        { Name: 'Timestamp', Type: 'DateTime' },
        { Name: 'FileName', Type: 'String' },
        { Name: 'n', Type: 'Int64' },
      ],
      Results: [{ Timestamp: '2026-01-02T00:00:00Z', FileName: 'cmd.exe', n: 3 }],
    });
  });

  it('refuses a wrong query with what the engine says', async () => {
    const { status, json } = await hunter[api]('DeviceInfo | where Nope == 1');
    expect([status, json]).toMatchObject([400, { error: { code: 'BadRequest' } }]);
    const { error } = json as { error: { message: string; target: string } };
    expect(error.message).toContain("The name 'Nope' does not refer to any known column");
    expect(error.target).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says what it does not simulate', async () => {
    const { status, json } = await hunter[api]('DeviceInfo | evaluate bag_unpack(DeviceName)');
    expect([status, json]).toMatchObject([501, { error: { code: 'NotSimulated' } }]);
    expect((json.error as { message: string }).message).toContain("the operator 'evaluate'");
  });

  it.each([
    ['the name in another case', { query: 'print 1' }, 'InvalidRequestBody'],
    ['a parameter of Graph', { Query: 'print 1', Timespan: 'P1D' }, 'InvalidRequestBody'],
    ['no query', {}, 'MissingRequiredParameter'],
  ])('refuses %s', async (_title, body, code) => {
    const { status, json } = await hunter.post(api, paths[api], body);
    expect([status, json]).toMatchObject([400, { error: { code } }]);
  });

  it('refuses GET', async () => {
    const token = await simulator.getToken(huntingScopes[api]);
    expect((await simulator.get(paths[api], token)).status).toBe(405);
  });
});

describe('Tokens of the older hunting calls', () => {
  it.each<[path: string, scope: string, status: number, message: string]>([
    // Each audience is let in to the shared host, and has no role for the other product.
    [
      paths.endpoint,
      huntingScopes.xdr,
      403,
      'API required roles: AdvancedQuery.Read.All, application roles: AdvancedHunting.Read.All',
    ],
    [paths.xdr, huntingScopes.endpoint, 403, 'API required roles: AdvancedHunting.Read.All'],
    [paths.endpoint, huntingScopes.graph, 401, 'audience https://graph.microsoft.com is not accepted'],
    [paths.xdr, huntingScopes.graph, 401, 'audience https://graph.microsoft.com is not accepted'],
  ])('%s with a token for %s: %i', async (where, scope, status, message) => {
    const authorization = `Bearer ${await simulator.getToken(scope)}`;
    const reply = await hunter.post('endpoint', where, { Query: 'print 1' }, { authorization });
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(message);
  });
});

// https://learn.microsoft.com/graph/api/resources/security-api-overview; what they answer then is not documented.
describe('The end of the older hunting calls', () => {
  it.each(oldApis)('comes for %s when the clock reaches 2027-02-01', async (api) => {
    await simulator.control('POST', '/clock', { freezeAt: '2027-01-31T23:59:59Z' });
    const late = await createHunter(simulator);
    expect((await late[api]('print 1')).status).toBe(200);
    await simulator.control('POST', '/clock', { advanceSeconds: 1 });
    const { status, json } = await late[api]('print 1');
    expect([status, json]).toMatchObject([403, { error: { code: 'DisabledFeature' } }]);
    expect((await late.graph('print 1')).status).toBe(200);
    await simulator.control('POST', '/clock', { reset: true });
  });

  it.each(oldApis)('can be brought forward for %s, or put off', async (api) => {
    await simulator.control('POST', '/hunting/answers', { retired: true });
    expect((await hunter[api]('print 1')).status).toBe(403);
    await simulator.control('POST', '/hunting/answers', { retired: false });
    await simulator.control('POST', '/clock', { freezeAt: '2027-03-01T00:00:00Z' });
    expect((await (await createHunter(simulator))[api]('print 1')).status).toBe(200);
    await simulator.control('POST', '/clock', { reset: true });
    await simulator.control('POST', '/hunting/answers', {});
  });
});

describe('The data', () => {
  const count = async (query: string): Promise<number> =>
    Number((await hunter.rows(`${query} | count`))[0]?.Count);

  it.each([
    'DeviceInfo',
    'DeviceNetworkInfo',
    'DeviceProcessEvents',
    'DeviceNetworkEvents',
    'DeviceFileEvents',
    'DeviceLogonEvents',
    'AlertInfo',
    'AlertEvidence',
  ])('has rows in %s, all of the last 30 days', async (table) => {
    expect(await count(table)).toBeGreaterThan(20);
    expect(await count(`${table} | where Timestamp between (ago(30d) .. now())`)).toBe(await count(table));
  });

  it('has the other tables without rows', async () => {
    const { tables } = await simulator.control('GET', '/hunting/tables');
    const names = (tables as { name: string }[]).map(({ name }) => name);
    expect(names).toHaveLength(15);
    for (const name of [
      'DeviceRegistryEvents',
      'DeviceImageLoadEvents',
      'DeviceEvents',
      'EmailEvents',
      'IdentityInfo',
      'IdentityLogonEvents',
      'DeviceFileCertificateInfo',
    ]) {
      expect(names).toContain(name);
      expect([name, await count(name)]).toEqual([name, 0]);
    }
  });

  it('knows the same devices as the machine API', async () => {
    const { json } = await simulator.get('/api/machines');
    const machines = json.value as {
      id: string;
      computerDnsName: string;
      osPlatform: string;
      lastIpAddress: string;
    }[];
    const latest = await hunter.rows(
      'DeviceInfo | summarize arg_max(Timestamp, *) by DeviceId | project DeviceId, DeviceName, OSPlatform',
    );
    const known = new Map(latest.map((row) => [row.DeviceId, row]));
    const online = machines.filter(({ id }) => known.has(id));
    expect(online.length).toBeGreaterThan(40);
    for (const { id, computerDnsName, osPlatform } of online) {
      expect(known.get(id)).toEqual({ DeviceId: id, DeviceName: computerDnsName, OSPlatform: osPlatform });
    }
    const addresses = await hunter.rows('DeviceNetworkEvents | distinct DeviceId, DeviceName, LocalIP');
    const byId = new Map(machines.map((machine) => [machine.id, machine]));
    for (const row of addresses) {
      const machine = byId.get(String(row.DeviceId));
      expect([row.DeviceName, row.LocalIP]).toEqual([machine?.computerDnsName, machine?.lastIpAddress]);
    }
  });

  it('knows the same alerts as the alert API, at once', async () => {
    const list = async (): Promise<unknown> =>
      (await hunter.rows('AlertInfo | project AlertId, Title, Severity')).map(
        ({ AlertId, Title, Severity }) => [AlertId, Title, Severity],
      );
    const { alerts } = await simulator.control('POST', '/alerts', {
      title: 'Found by hunting',
      severity: 'High',
    });
    const [{ id }] = alerts as [{ id: string }];
    expect(await list()).toContainEqual([id, 'Found by hunting', 'High']);
    const alert = (await simulator.get(`/api/alerts/${id}`)).json;
    const [evidence] = await hunter.rows(
      `AlertEvidence | where AlertId == '${id}' and EntityType == 'Machine' | project DeviceId`,
    );
    expect(evidence).toEqual({ DeviceId: alert.machineId });
  });

  it('can be hunted through as a hunter would', async () => {
    const rows = await hunter.rows(`
      let suspicious = DeviceProcessEvents
        | where FileName =~ "powershell.exe" and ProcessCommandLine has "EncodedCommand";
      suspicious
      | join kind=inner (DeviceInfo | summarize arg_max(Timestamp, OSPlatform) by DeviceId) on DeviceId
      | summarize Commands = count(), Parents = make_set(InitiatingProcessFileName) by DeviceName, OSPlatform
      | top 3 by Commands`);
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row.OSPlatform).toMatch(/^Windows/);
      expect(row.Parents).toEqual(['winword.exe']);
    }
  });

  it('stays the same while time goes on, and depends on the seed', async () => {
    const query =
      'DeviceProcessEvents | project Timestamp, DeviceId, ProcessCommandLine, SHA1 | sort by Timestamp asc';
    const at = async (freezeAt: string, seed: number): Promise<readonly unknown[]> => {
      const other = await startTestSimulator({ seed });
      await other.control('POST', '/clock', { freezeAt });
      const rows = await (await createHunter(other)).rows(query);
      await other.stop();
      return rows;
    };
    const monday = await at('2026-03-02T00:00:00Z', 3);
    const tuesday = await at('2026-03-03T00:00:00Z', 3);
    const shared = monday.filter((row) => (row as { Timestamp: string }).Timestamp >= '2026-02-01');
    expect(shared.length).toBeGreaterThan(1000);
    expect(tuesday.slice(0, shared.length)).toEqual(shared);
    expect(tuesday.length).toBeGreaterThan(shared.length);
    expect(await at('2026-03-02T00:00:00Z', 4)).not.toEqual(monday);
  });
});

describe('Rows added by control', () => {
  beforeEach(() => simulator.control('DELETE', '/hunting/rows'));

  it('are found, each value with the type of its column', async () => {
    await simulator.control('POST', '/hunting/rows', {
      table: 'IdentityLogonEvents',
      rows: [
        { AccountName: 'ada', Port: 443, AdditionalFields: { a: [1, 2.5] } },
        { Timestamp: '2020-01-01T00:00:00Z', AccountName: 'too old' },
      ],
    });
    await simulator.control('POST', '/hunting/rows', {
      table: 'DeviceEvents',
      rows: [
        {
          FileSize: '9007199254740993',
          IsProcessRemoteSession: true,
          ProcessCreationTime: '2026-01-01T00:00:00.1234567Z',
        },
      ],
    });
    expect(
      await hunter.rows('IdentityLogonEvents | project AccountName, Port, AdditionalFields, ActionType'),
    ).toEqual([{ AccountName: 'ada', Port: 443, AdditionalFields: { a: [1, 2.5] }, ActionType: '' }]);
    const { text } = await hunter.graph(
      'DeviceEvents | project FileSize, IsProcessRemoteSession, ProcessCreationTime, ProcessId',
    );
    expect(text).toContain(
      '[{"FileSize":9007199254740993,"IsProcessRemoteSession":1,"ProcessCreationTime":"2026-01-01T00:00:00.1234567Z","ProcessId":null}]',
    );
  });

  it('join those of the company', async () => {
    const [before] = await hunter.rows('DeviceLogonEvents | count');
    const { addedRows } = await simulator.control('POST', '/hunting/rows', {
      table: 'DeviceLogonEvents',
      rows: [{}, {}],
    });
    expect(addedRows).toBe(2);
    expect(await hunter.rows('DeviceLogonEvents | count')).toEqual([{ Count: Number(before?.Count) + 2 }]);
    await simulator.control('DELETE', '/hunting/rows/DeviceLogonEvents');
    expect(await hunter.rows('DeviceLogonEvents | count')).toEqual([before]);
  });

  it.each([
    [{ table: 'DeviceEvents', rows: [{ Nope: 1 }] }, 400, 'DeviceEvents has no column Nope.'],
    [
      { table: 'DeviceEvents', rows: [{ FileName: 5 }] },
      400,
      'DeviceEvents.FileName must be a string, not 5.',
    ],
    [
      { table: 'DeviceEvents', rows: [{ FileSize: 1.5 }] },
      400,
      'DeviceEvents.FileSize must be a long, not 1.5.',
    ],
    [
      { table: 'DeviceEvents', rows: [{ Timestamp: 'yesterday' }] },
      400,
      'DeviceEvents.Timestamp must be a datetime',
    ],
    [{ table: 'DeviceEvents', rows: ['row'] }, 400, 'must be an object'],
    [{ table: 'DeviceEvents', rows: {} }, 400, 'must be a list'],
    [{ table: 'Nope', rows: [] }, 404, 'There is no table Nope'],
  ])('%j is refused', async (body, status, message) => {
    const reply = await simulator.tryControl('POST', '/hunting/rows', body);
    expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(message)]);
  });
});
