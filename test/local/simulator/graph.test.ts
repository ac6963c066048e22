import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHunter, huntingScopes, type Hunter } from './hunt.ts';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let hunter: Hunter;
beforeAll(async () => {
  simulator = await startTestSimulator();
  hunter = await createHunter(simulator);
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.control('POST', '/hunting/answers', {});
  await simulator.control('POST', '/hunting/limits', {});
});

const path = '/v1.0/security/runHuntingQuery';

/** Asks with a token of one's own, or without. */
function ask(authorization: string | undefined): Promise<Reply> {
  return simulator.fetch(`${simulator.urls.graph}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify({ Query: 'print 1' }),
  });
}

// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
describe('runHuntingQuery', () => {
  it('answers with the schema and the rows, each type in its own form', async () => {
    const reply = await hunter.graph(
      "print s = 'ü\"', l = 9007199254740993, i = toint(1), r = 1.5, b = true, t = datetime(2026-01-02 03:04:05.5), " +
        "d = dynamic({'a':[1,true,null]}), span = 1h, absent = long(null), nothing = ''",
    );
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({
      '@odata.context': `${simulator.urls.graph}/v1.0/$metadata#microsoft.graph.security.huntingQueryResults`,
      schema: [
        { name: 's', type: 'String' },
        { name: 'l', type: 'Int64' },
        { name: 'i', type: 'Int32' },
        { name: 'r', type: 'Double' },
        { name: 'b', type: 'SByte' },
        { name: 't', type: 'DateTime' },
        { name: 'd', type: 'Object' },
        { name: 'span', type: 'TimeSpan' },
        { name: 'absent', type: 'Int64' },
        { name: 'nothing', type: 'String' },
      ],
    });
    // As text: a JavaScript number would not show the last digit of the long.
    expect(reply.text).toContain(
      '"results":[{"s":"ü\\"","l":9007199254740993,"i":1,"r":1.5,"b":1,"t":"2026-01-02T03:04:05.5Z",' +
        '"d":{"a":[1,true,null]},"span":"01:00:00","absent":null,"nothing":""}]}',
    );
  });

  it('answers with a schema when there are no rows', async () => {
    const { json } = await hunter.graph('AlertInfo | where false | project AlertId');
    expect(json).toMatchObject({ schema: [{ name: 'AlertId', type: 'String' }], results: [] });
  });

  it('puts ids on every answer, and repeats the one that the client sent', async () => {
    const given = await hunter.post('graph', path, { Query: 'print 1' }, { 'client-request-id': 'mine-1' });
    expect(given.headers.get('client-request-id')).toBe('mine-1');
    const own = await hunter.graph('print 1');
    expect(own.headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(own.headers.get('client-request-id')).toBe(own.headers.get('request-id'));
  });

  it('answers with capital names when control asks for it', async () => {
    await simulator.control('POST', '/hunting/answers', { casing: 'upper' });
    const { json } = await hunter.graph('print x = 1');
    expect(json).toMatchObject({ Schema: [{ Name: 'x', Type: 'Int64' }], Results: [{ x: 1 }] });
    expect(Object.keys(json)).toEqual(['@odata.context', 'Schema', 'Results']);
  });

  it('annotates types when control asks for it', async () => {
    await simulator.control('POST', '/hunting/answers', { odataTypes: true });
    const rows = await hunter.rows("print x = 1, s = 'a', t = datetime(2026-01-01), n = long(null)");
    expect(rows).toEqual([
      {
        'x@odata.type': '#Int64',
        x: 1,
        s: 'a',
        't@odata.type': '#DateTimeOffset',
        t: '2026-01-01T00:00:00Z',
        n: null,
      },
    ]);
  });

  it.each(['query', 'QUERY'])('takes the parameter as %s too', async (name) => {
    expect((await hunter.post('graph', path, { [name]: 'print 1' })).status).toBe(200);
  });

  it('can be called by its full name', async () => {
    const full = '/v1.0/security/microsoft.graph.security.runHuntingQuery';
    expect((await hunter.post('graph', full, { Query: 'print 1' })).status).toBe(200);
  });

  it('passes over a workspace that there is not', async () => {
    expect(
      await hunter.rows('print 1', { workspaceId: '11111111-2222-3333-4444-555555555555' }),
    ).toHaveLength(1);
  });
});

describe('Refusals of Graph', () => {
  it.each<[title: string, scope: string | undefined, message: string]>([
    ['no token', undefined, 'Access token is empty.'],
    [
      'a token for Defender for Endpoint',
      huntingScopes.endpoint,
      'Access token validation failure. Invalid audience.',
    ],
    ['a token for Defender XDR', huntingScopes.xdr, 'Access token validation failure. Invalid audience.'],
  ])('refuses %s', async (_title, scope, message) => {
    const { status, json } = await ask(
      scope === undefined ? undefined : `Bearer ${await simulator.getToken(scope)}`,
    );
    expect([status, json]).toMatchObject([401, { error: { code: 'InvalidAuthenticationToken', message } }]);
  });

  it('takes a token that was asked for by the application id of Graph', async () => {
    const token = await simulator.getToken('00000003-0000-0000-c000-000000000000/.default');
    expect((await ask(`Bearer ${token}`)).status).toBe(200);
  });

  it('names the role that is missing', async () => {
    const role = { resource: 'Microsoft Graph', role: 'ThreatHunting.Read.All' };
    await simulator.control('POST', '/entra/roles', { ...role, granted: false });
    const token = await simulator.getToken(huntingScopes.graph);
    await simulator.control('POST', '/entra/roles', role);
    const { status, json } = await ask(`Bearer ${token}`);
    expect(status).toBe(403);
    expect(json).toMatchObject({
      error: {
        code: 'Forbidden',
        message:
          'Missing application roles. API required roles: ThreatHunting.Read.All, application roles: SecurityAlert.Read.All,SecurityIncident.Read.All.',
      },
    });
  });

  it('repeats what the engine says of a wrong query', async () => {
    const { status, json, headers } = await hunter.graph('DeviceInfo | where Nope == 1');
    expect(status).toBe(400);
    const { error } = json as {
      error: { code: string; message: string; innerError: Record<string, string> };
    };
    expect(error.code).toBe('BadRequest');
    expect(error.message).toContain("The name 'Nope' does not refer to any known column");
    expect(Object.keys(error.innerError)).toEqual(['date', 'request-id', 'client-request-id']);
    expect(error.innerError['request-id']).toBe(headers.get('request-id'));
    expect(error.innerError.date).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
  });

  it.each([
    ['an unknown table', { Query: 'Nope | count' }, "The name 'Nope' does not refer to any known table"],
    ['a missing query', {}, "The parameter 'Query' is missing."],
    ['a blank query', { Query: ' ' }, "The parameter 'Query' is missing."],
    ['a query that is no text', { Query: 5 }, "The parameter 'Query' must be a string."],
    ['an unknown parameter', { Query: 'print 1', Top: '5' }, "The parameter 'Top' is not one of the action."],
    [
      'a parameter that is given twice',
      { Query: 'print 1', query: 'print 2' },
      "The parameter 'query' is given twice.",
    ],
    ['a Timespan that means nothing', { Query: 'print 1', Timespan: '30 days' }, 'is no ISO 8601 duration'],
    ['a body that is not JSON', 'print 1', 'not JSON'],
    ['a body that is no object', '[]', 'must be a JSON object'],
  ])('refuses %s', async (_title, body, message) => {
    const { status, json } = await hunter.post('graph', path, body);
    expect([status, json]).toMatchObject([400, { error: { code: 'BadRequest' } }]);
    expect((json.error as { message: string }).message).toContain(message);
  });

  it('refuses a body that is not declared as JSON', async () => {
    const reply = await hunter.post('graph', path, { Query: 'print 1' }, { 'content-type': 'text/plain' });
    expect(reply.status).toBe(400);
  });

  it.each([
    ['the operator', 'DeviceInfo | evaluate bag_unpack(DeviceName)', "the operator 'evaluate'"],
    ['the table', 'UrlClickEvents | take 1', 'UrlClickEvents'],
    ['the function', 'print rand()', 'the function rand()'],
    ['the instant', 'print datetime(9999-12-31) + 365d', 'an instant after 9999'],
    ['the length of time', 'print 1h * real(+inf)', 'a value outside of its range'],
  ])('says which part of a right query it does not simulate: %s', async (_part, query, name) => {
    const { status, json } = await hunter.graph(query);
    expect([status, json]).toMatchObject([501, { error: { code: 'NotSimulated' } }]);
    expect((json.error as { message: string }).message).toContain(name);
  });

  it.each([
    ['/v1.0/security/secureScores', 501],
    ['/v1.0/security/alerts_v2', 405],
    ['/v1.0/users', 501],
    ['/beta/security/runHuntingQuery', 501],
    ['/v1.0/security/runHuntingQueries', 400],
    ['/v1.0/security/runHuntingQuery/more', 400],
    ['/v3/security/runHuntingQuery', 400],
  ])('answers POST %s with %i', async (where, status) => {
    expect((await hunter.post('graph', where, { Query: 'print 1' })).status).toBe(status);
  });

  it('can be throttled by a fault rule, in the shape of Graph', async () => {
    await simulator.control('POST', '/faults', {
      service: 'graph',
      times: 1,
      effect: { throttle: { retryAfter: 7, as: 'seconds' } },
    });
    const { status, headers, json } = await hunter.graph('print 1');
    expect([status, headers.get('retry-after')]).toEqual([429, '7']);
    expect(json).toMatchObject({ error: { code: 'TooManyRequests', innerError: {} } });
  });

  it('refuses GET', async () => {
    const token = await simulator.getToken(huntingScopes.graph);
    const reply = await simulator.fetch(`${simulator.urls.graph}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reply.status).toBe(405);
  });
});

// https://learn.microsoft.com/graph/api/security-security-runhuntingquery#timespan-format-examples
describe('Timespan', () => {
  beforeAll(async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-06-30T12:00:00Z' });
    hunter = await createHunter(simulator);
    const days = [
      '2026-05-31T11:59:59Z',
      '2026-05-31T12:00:00Z',
      '2026-06-20T12:00:00Z',
      '2026-06-30T11:00:00Z',
    ];
    await simulator.control('POST', '/hunting/rows', {
      table: 'DeviceEvents',
      rows: days.map((Timestamp) => ({ Timestamp, DeviceName: Timestamp.slice(0, 16) })),
    });
  });

  it.each<[timespan: string | undefined, days: readonly string[]]>([
    // No further back than 30 days, whatever is asked for.
    [undefined, ['2026-05-31T12:00', '2026-06-20T12:00', '2026-06-30T11:00']],
    ['P90D', ['2026-05-31T12:00', '2026-06-20T12:00', '2026-06-30T11:00']],
    ['P11D', ['2026-06-20T12:00', '2026-06-30T11:00']],
    ['PT1H', ['2026-06-30T11:00']],
    ['P1W', ['2026-06-30T11:00']],
    ['P1M', ['2026-05-31T12:00', '2026-06-20T12:00', '2026-06-30T11:00']],
    ['2026-06-01T00:00:00Z', ['2026-06-20T12:00', '2026-06-30T11:00']],
    ['2026-06-01T00:00:00Z/2026-06-21T00:00:00Z', ['2026-06-20T12:00']],
    ['2026-06-01/2026-06-21', ['2026-06-20T12:00']],
    ['2026-06-20T12:00:00Z/P1D', ['2026-06-20T12:00']],
    ['P1D/2026-06-20T12:00:00Z', ['2026-06-20T12:00']],
    ['2026-06-20T14:00:00+02:00/PT0S', ['2026-06-20T12:00']],
  ])('%s', async (timespan, days) => {
    const body = timespan === undefined ? {} : { Timespan: timespan };
    const rows = await hunter.rows('DeviceEvents | sort by Timestamp asc | project DeviceName', body);
    expect(rows.map(({ DeviceName }) => DeviceName)).toEqual(days);
  });

  it('and a time in the query: the shorter one wins', async () => {
    const query = 'DeviceEvents | where Timestamp > ago(2d) | count';
    expect(await hunter.rows(query, { Timespan: 'P20D' })).toEqual([{ Count: 1 }]);
    const longer = 'DeviceEvents | where Timestamp > ago(20d) | count';
    expect(await hunter.rows(longer, { Timespan: 'P2D' })).toEqual([{ Count: 1 }]);
  });

  it.each(['P', 'PT', '1d', 'P1D/P1D', '2026-06-01/2026-06-02/2026-06-03', '2026-06-31', 'P-1D', ''])(
    'refuses %j',
    async (Timespan) => {
      expect((await hunter.graph('print 1', { Timespan })).status).toBe(400);
    },
  );
});
