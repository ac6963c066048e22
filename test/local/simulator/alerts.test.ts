import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

const ids = (alerts: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
  alerts.map((alert) => alert.id);

/** Adds alerts and returns their ids. */
async function add(body: unknown): Promise<string[]> {
  const { alerts } = await simulator.control('POST', '/alerts', body);
  return (alerts as { id: string }[]).map((alert) => alert.id);
}

// https://learn.microsoft.com/defender-endpoint/api/common-errors
describe('Defender refuses', () => {
  it('a call without token by 401 Unauthorized (common-errors)', async () => {
    const reply = await simulator.fetch(`${simulator.urls.defender}/api/alerts`);
    expect(reply.status).toBe(401);
    expect(reply.json).toEqual({
      error: {
        code: 'Unauthorized',
        message: expect.any(String) as unknown,
        target: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      },
    });
  });

  it.each([['nonsense'], ['a.b.c'], ['']])(
    'the token %j by 401 Unauthorized (common-errors)',
    async (token) => {
      expect((await simulator.get('/api/alerts', token)).status).toBe(401);
    },
  );

  it('a token with a changed claim by 401 Unauthorized (common-errors)', async () => {
    const [header = '', , signature = ''] = (await simulator.getToken()).split('.');
    const claims = { ...decodeJwt(await simulator.getToken()), roles: ['Alert.ReadWrite.All'] };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect((await simulator.get('/api/alerts', `${header}.${body}.${signature}`)).status).toBe(401);
  });

  it('an expired token by 401 Unauthorized (common-errors)', async () => {
    const token = await simulator.getToken();
    await simulator.control('POST', '/clock', { advanceSeconds: 3600 });
    const reply = await simulator.get('/api/alerts', token);
    await simulator.control('POST', '/clock', { reset: true });
    expect(reply.status).toBe(401);
  });

  it('a token for Graph by 401, wrong audience (common-errors)', async () => {
    const token = await simulator.getToken('https://graph.microsoft.com/.default');
    expect((await simulator.get('/api/alerts', token)).status).toBe(401);
  });

  // Both products answer on api.security.microsoft.com; a token for that name has no Alert role.
  it('a token for Defender XDR by 403, because it has no role for alerts (exposed-apis-create-app-webapp)', async () => {
    const token = await simulator.getToken('https://api.security.microsoft.com/.default');
    const reply = await simulator.get('/api/alerts', token);
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({
      error: {
        code: 'Forbidden',
        message:
          'Missing application roles. API required roles: Alert.Read.All,Alert.ReadWrite.All, application roles: AdvancedHunting.Read.All,Incident.Read.All.',
      },
    });
  });

  it('a token whose roles are not enough by 403 that names them (get-alerts)', async () => {
    const { defenderClientId: principal } = simulator.company;
    const change = { principal, resource: 'WindowsDefenderATP' };
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Alert.Read.All', granted: false });
    const refused = await simulator.get('/api/alerts', await simulator.getToken());
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(
      'application roles: AdvancedQuery.Read.All,Machine.Isolate,Machine.Read.All.',
    );
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Alert.ReadWrite.All' });
    const accepted = await simulator.get('/api/alerts', await simulator.getToken());
    expect(accepted.status).toBe(200);
    await simulator.control('POST', '/entra/roles', { ...change, role: 'Alert.Read.All' });
  });

  it.each([
    ['$select=id'],
    ['$count=true'],
    ['$search=x'],
    ['top=5'],
    ['$top=10001'],
    ['$top=-1'],
    ['$top=1.5'],
    ['$top=ten'],
    ['$top='],
    ['$skip=-1'],
    ['$top=1&$top=2'],
    ['$expand=machine'],
    ['$expand=evidence,files'],
    ['$orderby=title'],
    ['$orderby=lastUpdateTime sideways'],
    ['$filter='],
    ["$filter=title eq 'x'"],
    ["$filter=lastUpdateTime ge '2026-01-01T00:00:00Z'"],
  ])('the query %s by 400 ODataError (get-alerts, common-errors)', async (query) => {
    const reply = await simulator.get(`/api/alerts?${query}`);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error: { code: 'ODataError' } });
  });

  it('an unknown alert by 404 ResourceNotFound (get-alert-info-by-id)', async () => {
    const reply = await simulator.get('/api/alerts/da1_1');
    expect(reply.status).toBe(404);
    expect(reply.json).toMatchObject({ error: { code: 'ResourceNotFound' } });
  });

  it.each([
    ['GET', '/api/indicators'],
    ['GET', '/api/v1.0/investigations'],
    ['GET', '/api/alerts/da1_1/files'],
    ['PATCH', '/api/alerts/da1_1'],
    ['POST', '/api/alerts/CreateAlertByReference'],
    ['GET', "/api/alerts?$filter=contains(category,'x')"],
  ])('%s %s by 501: documented and not simulated', async (method, where) => {
    const reply = await simulator.fetch(`${simulator.urls.defender}${where}`, {
      method,
      headers: { authorization: `Bearer ${await simulator.getToken()}` },
    });
    expect(reply.status).toBe(501);
    expect(reply.text).toContain('The simulator does not do');
  });

  it.each([
    ['GET', '/api/nothing', 404],
    ['GET', '/nothing', 404],
    ['POST', '/api/alerts', 405],
  ])('%s %s by %i', async (method, where, status) => {
    const reply = await simulator.fetch(`${simulator.urls.defender}${where}`, {
      method,
      headers: { authorization: `Bearer ${await simulator.getToken()}` },
    });
    expect(reply.status).toBe(status);
  });
});

// https://learn.microsoft.com/defender-endpoint/api/get-alerts
describe('Defender lists alerts', () => {
  it('under both prefixes, with context, in an envelope without nextLink when $top is given', async () => {
    await add({ count: 3, titleContains: 'prefix' });
    for (const prefix of ['/api', '/api/v1.0']) {
      const { json, headers } = await simulator.get(`${prefix}/alerts?$top=2`);
      expect(json['@odata.context']).toBe(`${simulator.urls.defender}${prefix}/$metadata#Alerts`);
      expect(json).not.toHaveProperty('@odata.nextLink');
      expect(json.value).toHaveLength(2);
      expect(headers.get('content-type')).toContain('application/json');
    }
  });

  it('with evidence only when it is expanded', async () => {
    const [id = ''] = await add({ evidenceItems: 5 });
    const filter = { $filter: `id eq '${id}'` };
    expect((await simulator.list(filter))[0]?.evidence).toEqual([]);
    expect((await simulator.list({ ...filter, $expand: 'evidence' }))[0]?.evidence).toHaveLength(5);
  });

  it('singly with evidence (get-alert-info-by-id)', async () => {
    const [id = ''] = await add({ evidenceItems: 2 });
    const { json } = await simulator.get(`/api/alerts/${id}`);
    expect(json).toMatchObject({
      id,
      '@odata.context': expect.stringContaining('$metadata#Alerts/$entity') as unknown,
    });
    expect(json.evidence).toHaveLength(2);
  });

  it('page by page through @odata.nextLink when there are more than 10,000 and no $top is given', async () => {
    await simulator.control('DELETE', '/alerts');
    await add({ count: 10_001, evidenceItems: 0 });
    const first = await simulator.get('/api/alerts');
    expect(first.json.value).toHaveLength(10_000);
    const link = new URL(String(first.json['@odata.nextLink']));
    const second = await simulator.get(`${link.pathname}${link.search}`);
    expect(second.json.value).toHaveLength(1);
    expect(second.json).not.toHaveProperty('@odata.nextLink');
    await simulator.control('DELETE', '/alerts');
  });

  it('in an order that repeats, and follows neither time nor arrival', async () => {
    await simulator.control('DELETE', '/alerts');
    const arrived = await add(
      Array.from({ length: 50 }, (_value, index) => ({
        lastUpdateTime: `2026-01-01T00:00:${String(index + 10)}Z`,
      })),
    );
    const listed = ids(await simulator.list({}));
    expect(listed).not.toEqual(arrived);
    expect(listed).not.toEqual(arrived.toReversed());
    expect(ids(await simulator.list({}))).toEqual(listed);
    expect(ids(await simulator.list({ $orderby: 'lastUpdateTime' }))).toEqual(arrived);
    expect(ids(await simulator.list({ $orderby: 'lastUpdateTime desc' }))).toEqual(arrived.toReversed());
    const pages = await Promise.all(
      [0, 20, 40].map((skip) => simulator.list({ $top: '20', $skip: String(skip) })),
    );
    expect(pages.flatMap(ids)).toEqual(listed);
    await simulator.control('DELETE', '/alerts');
  });

  it('keeping timestamps apart that differ by one tick of 100 ns', async () => {
    await add([
      { id: 'first', lastUpdateTime: '2026-02-01T00:00:00.1234567Z' },
      { id: 'second', lastUpdateTime: '2026-02-01T00:00:00.1234568Z' },
      { id: 'whole', lastUpdateTime: '2026-02-01T00:00:00Z' },
    ]);
    const select = async (bound: string): Promise<unknown[]> =>
      ids(
        await simulator.list({
          $filter: `lastUpdateTime ${bound} and lastUpdateTime lt 2026-02-02T00:00:00Z`,
        }),
      );
    expect(await select('ge 2026-02-01T00:00:00.1234568Z')).toEqual(['second']);
    expect(await select('eq 2026-02-01T00:00:00.0000000Z')).toEqual(['whole']);
    expect(await select('eq 2026-02-01T01:00:00.1234567+01:00')).toEqual(['first']);
  });

  it('by a filter written with + for spaces, as the samples do (exposed-apis-odata-samples)', async () => {
    await add({ id: 'plus', lastUpdateTime: '2026-03-01T00:00:00Z' });
    const reply = await simulator.get(
      '/api/alerts?$filter=lastUpdateTime+ge+2026-03-01T00:00:00Z+and+lastUpdateTime+le+2026-03-01T00:00:00Z',
    );
    expect(ids(reply.json.value as Record<string, unknown>[])).toEqual(['plus']);
  });

  it('not before a late one is indexed, although its lastUpdateTime is older', async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-04-01T00:10:00Z' });
    const [id = ''] = await add({ lastUpdateTime: '2026-04-01T00:00:00Z', heldBackSeconds: 900 });
    const filter = { $filter: `id eq '${id}'` };
    const token = await simulator.getToken();
    const read = async (): Promise<unknown> =>
      (await simulator.get(`/api/alerts?${new URLSearchParams(filter).toString()}`, token)).json.value;
    expect(await read()).toEqual([]);
    expect((await simulator.get(`/api/alerts/${id}`, token)).status).toBe(404);
    await simulator.control('POST', '/clock', { advanceSeconds: 900 });
    expect(await read()).toMatchObject([{ id, lastUpdateTime: '2026-04-01T00:00:00Z' }]);
    await simulator.control('POST', '/clock', { reset: true });
  });

  it('with the Date header of its own clock', async () => {
    await simulator.control('POST', '/clock', { offsetSeconds: 7200 });
    const { headers } = await simulator.get('/api/alerts?$top=1', await simulator.getToken());
    await simulator.control('POST', '/clock', { reset: true });
    const ahead = Date.parse(headers.get('date') ?? '') - Date.now();
    expect(Math.round(ahead / 10_000)).toBe(720);
  });
});
