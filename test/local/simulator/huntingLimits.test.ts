import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHunter, huntingScopes, type Hunter, type HuntingApi } from './hunt.ts';
import { startTestSimulator, type Reply, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let hunter: Hunter;
beforeAll(async () => {
  simulator = await startTestSimulator();
  await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T10:02:00Z' });
  await simulator.control('POST', '/entra/token-lifetime', { seconds: 86_400 });
  hunter = await createHunter(simulator);
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.control('POST', '/hunting/limits', {});
  await simulator.control('DELETE', '/hunting/rules');
});

const apis = ['graph', 'xdr', 'endpoint'] as const;
const advance = (advanceSeconds: number): Promise<unknown> =>
  simulator.control('POST', '/clock', { advanceSeconds });
const limit = (limits: Readonly<Record<string, number>>): Promise<unknown> =>
  simulator.control('POST', '/hunting/limits', limits);
const rule = (effect: Readonly<Record<string, unknown>>): Promise<unknown> =>
  simulator.control('POST', '/hunting/rules', effect);
const hunt = (api: HuntingApi): Promise<Reply> => hunter[api]('print 1');

/** Status, code, message and wait. */
function describeReply({ status, headers, json }: Reply): unknown {
  const { code, message } = json.error as { code: string; message: string };
  return [status, code, message, headers.get('retry-after')];
}

describe.each(apis)('Calls of %s', (api) => {
  it('are refused after 45 in a minute, until the first one is a minute old', async () => {
    expect((await hunt(api)).status).toBe(200);
    await advance(20);
    const statuses = new Set<number>();
    for (let index = 0; index < 44; index += 1) statuses.add((await hunt(api)).status);
    expect(statuses).toEqual(new Set([200]));
    expect(describeReply(await hunt(api))).toEqual([
      429,
      'TooManyRequests',
      'API calls quota exceeded! maximum allowed 45 per 00:01:00',
      '40',
    ]);
    await advance(40);
    expect((await hunt(api)).status).toBe(200);
  });

  it('are counted for the tenant, not for the application', async () => {
    await limit({ callsPerMinute: 1 });
    expect((await hunt(api)).status).toBe(200);
    const { token } = await new ManagedIdentityCredential().getToken(huntingScopes[api]);
    const path = {
      graph: '/v1.0/security/runHuntingQuery',
      xdr: '/api/advancedhunting/run',
      endpoint: '/api/advancedqueries/run',
    }[api];
    const other = await hunter.post(api, path, { Query: 'print 1' }, { authorization: `Bearer ${token}` });
    expect(other.status).toBe(429);
  });
});

describe('Calls in an hour', () => {
  it('are limited on the endpoint API only', async () => {
    await limit({ callsPerHour: 1 });
    for (const api of apis) expect((await hunt(api)).status).toBe(200);
    await advance(120);
    for (const api of ['graph', 'xdr'] as const) expect((await hunt(api)).status).toBe(200);
    expect(describeReply(await hunt('endpoint'))).toEqual([
      429,
      'TooManyRequests',
      'API calls quota exceeded! maximum allowed 1 per 01:00:00',
      '3480',
    ]);
  });
});

describe('Results', () => {
  it('end after 100,000 rows without a word', async () => {
    const { json } = await hunter.graph('range x from 1 to 100001 step 1');
    expect(json.results).toHaveLength(100_000);
  });

  it('end where control says', async () => {
    await limit({ rows: 2 });
    expect(await hunter.rows('range x from 1 to 5 step 1')).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it.each(apis)('that are larger than allowed are refused by %s with 400', async (api) => {
    await limit({ resultBytes: 100 });
    const reply = await hunter[api]("range x from 1 to 9 step 1 | extend t = 'aaaaaaaaaa'");
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: {
        code: 'BadRequest',
        message: expect.stringContaining('exceeded the allowed result size') as string,
      },
    });
  });

  it('may be 50 MB', async () => {
    // Each row has a little more than a kilobyte.
    const query = (rows: number): string =>
      `range x from 1 to ${rows} step 1 | extend t = '${'a'.repeat(1024)}'`;
    expect((await hunter.graph(query(40_000))).status).toBe(200);
    expect((await hunter.graph(query(51_200))).status).toBe(400);
  });
});

describe('Slow queries', () => {
  it('wait as long as a rule says, and answer', async () => {
    await rule({ delayMs: 150 });
    const started = performance.now();
    expect((await hunt('graph')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(145);
    expect((await hunt('graph')).status).toBe(200);
  });

  it.each<[api: HuntingApi, expected: unknown]>([
    ['graph', [504, 'UnknownError', '', null]],
    ['xdr', [500, 'InternalServerError', 'The query ran for longer than 180 seconds.', null]],
    ['endpoint', [500, 'InternalServerError', 'The query ran for longer than 200 seconds.', null]],
  ])('time out on %s', async (api, expected) => {
    await rule({ outcome: 'timeOut' });
    expect(describeReply(await hunt(api))).toEqual(expected);
    expect((await hunt(api)).status).toBe(200);
  });

  it('time out when they are slower than allowed', async () => {
    await limit({ querySeconds: 0.05 });
    await rule({ delayMs: 10_000 });
    expect((await hunt('graph')).status).toBe(504);
  });

  it.each(apis)('can be preempted on %s', async (api) => {
    await rule({ outcome: 'preempt' });
    const reply = await hunt(api);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(
      'Query execution has exceeded the allowed limits. The query execution was preempted.',
    );
  });

  it('are preempted when they grow without bounds', async () => {
    const reply = await hunter.graph('range x from 1 to 100000000 step 1');
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('preempted')]);
  });

  it('can be chosen by API, text and number', async () => {
    await rule({ outcome: 'timeOut', api: 'xdr', queryContains: 'DeviceInfo', times: 2 });
    expect((await hunter.graph('DeviceInfo | take 1')).status).toBe(200);
    expect((await hunter.xdr('print 1')).status).toBe(200);
    const statuses = [];
    for (let index = 0; index < 3; index += 1)
      statuses.push((await hunter.xdr('DeviceInfo | take 1')).status);
    expect(statuses).toEqual([500, 500, 200]);
  });
});

// The alignment of the cycles, and the words, are not documented.
describe('Running time', () => {
  const cpu =
    'The tenant has used up its CPU resources for queries; they are blocked until the next 15-minute cycle.';

  it.each(['graph', 'xdr'] as const)('of %s is refused until the next 15-minute cycle', async (api) => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T11:02:00Z' });
    await rule({ outcome: 'exhaustCpu' });
    expect(describeReply(await hunt(api))).toEqual([429, 'TooManyRequests', cpu, '780']);
    await advance(779);
    expect((await hunt('graph')).status).toBe(429);
    expect((await hunt('xdr')).status).toBe(429);
    expect((await hunt('endpoint')).status).toBe(200);
    await advance(1);
    expect((await hunt(api)).status).toBe(200);
  });

  it('is charged to the cycle', async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T12:14:00Z' });
    await limit({ secondsPerCycle: 100 });
    await rule({ chargeSeconds: 60, times: 2 });
    expect((await hunt('graph')).status).toBe(200);
    expect((await hunt('xdr')).status).toBe(200);
    expect(describeReply(await hunt('graph'))).toEqual([429, 'TooManyRequests', cpu, '60']);
    await advance(60);
    expect((await hunt('graph')).status).toBe(200);
  });

  it('of the endpoint API is 10 minutes in any hour', async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-05-01T13:00:00Z' });
    await rule({ chargeSeconds: 300, times: 2 });
    expect((await hunt('endpoint')).status).toBe(200);
    await advance(600);
    expect((await hunt('endpoint')).status).toBe(200);
    expect(describeReply(await hunt('endpoint'))).toEqual([
      429,
      'TooManyRequests',
      'The tenant has used up its running time for queries.',
      '3000',
    ]);
    await advance(3000);
    expect((await hunt('endpoint')).status).toBe(200);
  });

  it('of the endpoint API is 3 hours in any day', async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-05-02T00:00:00Z' });
    await limit({ secondsPerHour: 100_000 });
    await rule({ chargeSeconds: 10_800 });
    expect((await hunt('endpoint')).status).toBe(200);
    await advance(3600);
    expect((await hunt('endpoint')).headers.get('retry-after')).toBe('82800');
  });
});

describe('Control of limits', () => {
  it('shows the documented limits, and goes back to them', async () => {
    await limit({ rows: 1 });
    const documented = {
      callsPerMinute: 45,
      callsPerHour: 1500,
      rows: 100_000,
      resultBytes: 52_428_800,
      querySeconds: null,
      secondsPerHour: 600,
      secondsPerDay: 10_800,
      secondsPerCycle: null,
    };
    expect(await limit({})).toEqual(documented);
    expect(await simulator.control('GET', '/hunting/limits')).toEqual(documented);
  });

  it.each([
    ['/hunting/limits', { perMinute: 5 }],
    ['/hunting/rules', {}],
    ['/hunting/rules', { outcome: 'explode' }],
    ['/hunting/rules', { delayMs: -1 }],
    ['/hunting/answers', { casing: 'title' }],
  ])('refuses POST %s %j', async (path, body) => {
    expect((await simulator.tryControl('POST', path, body)).status).toBe(400);
  });
});
