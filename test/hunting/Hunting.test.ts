import { afterEach, describe, expect, it, vi } from 'vitest';
import { Hunting, type HuntingInit, type HuntOrder } from '../../src/hunting/Hunting.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { hangUp, json, keepSilent, plain, type Answer } from '../support/startServer.ts';
import { useDefender } from '../support/useDefender.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const never = new AbortController().signal;
const RESULT = json(
  200,
  {
    schema: [{ name: 'DeviceName', type: 'String' }],
    results: [{ DeviceName: 'x', 'DeviceName@odata.type': '#x' }],
  },
  { 'request-id': 'r-1' },
);
const failure = (status: number, message: string, headers: Record<string, string> = {}) =>
  json(status, { error: { code: 'BadRequest', message } }, { 'request-id': 'r-2', ...headers });

const startDefender = useDefender();
afterEach(() => {
  vi.restoreAllMocks();
});

async function startHunting(answers: Answer[], init: Partial<Pick<HuntingInit, 'api' | 'timeoutMs'>> = {}) {
  const clock = new VirtualClock(NOW);
  const logs = collectLogs();
  const { api = 'graph', timeoutMs = 100_000 } = init;
  const { server, client } = await startDefender(answers, {
    audience: 'https://graph.microsoft.com',
    tokens: { getToken: () => Promise.resolve('token-1') },
    requestTimeoutMs: timeoutMs,
  });
  const hunting = new Hunting({ client, api, timeoutMs, clock });
  const run = (order: Partial<HuntOrder> = {}, signal = never) =>
    hunting.run(
      { query: 'DeviceInfo | take 1', timespan: undefined, ...order },
      { caller: 'app-1', run: '08584' },
      logs.logger,
      signal,
    );
  return { server, clock, logs, run };
}

describe('a hunt', () => {
  it('asks Graph for it with query and time span, and gives columns and rows', async () => {
    const { server, run } = await startHunting([RESULT]);
    expect(await run({ timespan: 'P7D' })).toEqual({
      columns: [{ name: 'DeviceName', type: 'String' }],
      rows: [{ DeviceName: 'x' }],
      rowCount: 1,
      truncated: false,
      requestId: 'r-1',
    });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1.0/security/runHuntingQuery',
      headers: { authorization: 'Bearer token-1', 'content-type': 'application/json; charset=utf-8' },
    });
    expect(JSON.parse(String(server.requests[0]?.body))).toEqual({
      Query: 'DeviceInfo | take 1',
      Timespan: 'P7D',
    });
  });

  it('without a time span sends none', async () => {
    const { server, run } = await startHunting([RESULT]);
    await run();
    expect(JSON.parse(String(server.requests[0]?.body))).toEqual({ Query: 'DeviceInfo | take 1' });
  });

  it('sends the query to the letter, whatever it holds', async () => {
    const query = 'let x = "\\"\u2028\n`🔥`";\nDeviceInfo // ü';
    const { server, run } = await startHunting([RESULT]);
    await run({ query });
    expect(JSON.parse(String(server.requests[0]?.body))).toEqual({ Query: query });
  });

  it('is logged with who asked and how it ended, and the query as a hash only', async () => {
    const { logs, run } = await startHunting([RESULT]);
    await run({ query: 'DeviceInfo | where DeviceName == "secret-host"', timespan: 'P1D' });
    expect(logs.events()).toEqual(['hunt_finished']);
    expect(logs.lines[0]).toMatch(
      /^info .* caller=app-1 run=08584 api=graph query=[0-9a-f]{16} timespan=P1D rowCount=1/,
    );
    expect(logs.lines[0]).not.toContain('secret-host');
  });
});

describe('the hunting APIs that stop', () => {
  it.each([
    ['endpoint', '/api/advancedqueries/run'],
    ['xdr', '/api/advancedhunting/run'],
  ] as const)('(%s) still answer, with a dated warning at every hunt', async (api, path) => {
    const old = json(200, { Schema: [{ Name: 'a', Type: 'String' }], Results: [{ a: 1 }] });
    const { server, logs, run } = await startHunting([old], { api });
    expect(await run()).toMatchObject({ columns: [{ name: 'a', type: 'String' }], rows: [{ a: 1 }] });
    await run();
    expect(server.requests.map((request) => request.path)).toEqual([path, path]);
    expect(logs.of('hunting_api_retiring')).toHaveLength(2);
    expect(logs.of('hunting_api_retiring')[0]).toContain(`api=${api} stopsOn=2027-02-01`);
  });

  it.each(['endpoint', 'xdr'] as const)('(%s) take no time span, and nothing is sent', async (api) => {
    const { server, run } = await startHunting([RESULT], { api });
    await expect(run({ timespan: 'P1D' })).rejects.toMatchObject({
      code: 'hunt_timespan_unsupported',
      httpStatus: 400,
    });
    expect(server.requests).toEqual([]);
  });

  it.each([403, 404, 405, 410, 501])(
    'are said to have stopped when they answer %i after their last day',
    async (status) => {
      for (const api of ['endpoint', 'xdr'] as const) {
        const { clock, run } = await startHunting([failure(status, '')], { api });
        // Before that day the answer means what it means anywhere else.
        clock.advance(Date.parse('2027-01-31T23:59:00Z') - NOW);
        await expect(run()).rejects.not.toMatchObject({ code: 'hunting_api_retired' });
        clock.advance(60_000);
        await expect(run()).rejects.toMatchObject({
          code: 'hunting_api_retired',
          httpStatus: 502,
          requestId: 'r-2',
        });
        await expect(run()).rejects.toThrow(`HUNTING_API=${api}`);
      }
    },
  );

  it('are not said to have stopped as long as they answer, or for a wrong query', async () => {
    const old = json(200, { Schema: [], Results: [] });
    const { clock, run } = await startHunting([old, failure(400, 'Syntax error')], { api: 'xdr' });
    clock.advance(Date.parse('2027-03-01T00:00:00Z') - NOW);
    expect(await run()).toMatchObject({ rowCount: 0 });
    await expect(run()).rejects.toMatchObject({ code: 'hunt_query_invalid' });
    const graph = await startHunting([failure(404, '')]);
    graph.clock.advance(Date.parse('2027-03-01T00:00:00Z') - NOW);
    await expect(graph.run()).rejects.toMatchObject({ code: 'defender_http_error' });
  });

  it('are not Graph, which is not warned about', async () => {
    const { logs, run } = await startHunting([RESULT]);
    await run();
    expect(logs.of('hunting_api_retiring')).toEqual([]);
  });
});

describe('a hunt that the service refuses', () => {
  it('is 400 with its own message when the query is wrong, asked for once, and logged', async () => {
    const { server, logs, run } = await startHunting([failure(400, "Unknown table 'Nope'"), RESULT]);
    await expect(run()).rejects.toMatchObject({
      code: 'hunt_query_invalid',
      message: "The query is not accepted: Unknown table 'Nope'.",
      requestId: 'r-2',
    });
    expect(server.requests).toHaveLength(1);
    expect(logs.lines[0]).toMatch(/^warn .*event=hunt_failed caller=app-1 .*code=hunt_query_invalid/);
  });

  it('is told which role is missing', async () => {
    const { server, run } = await startHunting([failure(403, 'Missing application roles.'), RESULT]);
    await expect(run()).rejects.toThrow('ThreatHunting.Read.All');
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['no JSON', plain(200, '<html>')],
    ['a list', json(200, [])],
    ['no schema', json(200, { results: [] })],
  ])('with an answer that is %s cannot be read', async (_title, answer) => {
    const { run } = await startHunting([answer]);
    await expect(run()).rejects.toMatchObject({ code: 'defender_answer_unreadable' });
  });
});

describe('a hunt is repeated', () => {
  it.each([500, 502, 503, 504, 408])('once, after a moment, when the service answers %i', async (status) => {
    const { server, clock, run } = await startHunting([failure(status, ''), RESULT]);
    expect(await run()).toMatchObject({ rowCount: 1 });
    expect(server.requests).toHaveLength(2);
    expect(clock.now()).toBe(NOW + 1_000);
  });

  it('not a second time', async () => {
    const { server, run } = await startHunting([failure(504, ''), failure(504, ''), RESULT]);
    await expect(run()).rejects.toMatchObject({
      code: 'hunt_timed_out',
      httpStatus: 504,
      retryAfterMs: 60_000,
    });
    expect(server.requests).toHaveLength(2);
    const other = await startHunting([failure(503, ''), failure(400, 'Syntax error'), RESULT]);
    await expect(other.run()).rejects.toMatchObject({ code: 'hunt_query_invalid' });
    expect(other.server.requests).toHaveLength(2);
  });

  it('as late as the service asks for, while there is time', async () => {
    const { server, clock, run } = await startHunting([
      failure(429, 'quota', { 'retry-after': '20' }),
      RESULT,
    ]);
    expect(await run()).toMatchObject({ rowCount: 1 });
    expect(server.requests).toHaveLength(2);
    expect(clock.now()).toBe(NOW + 20_000);
  });

  it('not when the wait and a second try do not fit into the time that its caller has', async () => {
    for (const seconds of [96, 900]) {
      const busy = failure(429, 'quota', { 'retry-after': String(seconds) });
      const { server, clock, run } = await startHunting([busy, RESULT]);
      await expect(run()).rejects.toMatchObject({ code: 'hunt_throttled', retryAfterMs: seconds * 1_000 });
      expect(server.requests).toHaveLength(1);
      expect(clock.now()).toBe(NOW);
    }
    const fitting = failure(429, 'quota', { 'retry-after': '95' });
    const { server, run } = await startHunting([fitting, RESULT]);
    await run();
    expect(server.requests).toHaveLength(2);
  });

  it('not when the service is busy and does not say for how long', async () => {
    const { server, run } = await startHunting([failure(429, 'CPU quota exceeded'), RESULT]);
    await expect(run()).rejects.toMatchObject({ code: 'hunt_quota_exhausted', httpStatus: 429 });
    expect(server.requests).toHaveLength(1);
  });

  it('not by itself when the connection breaks: its caller is told, and may', async () => {
    const { server, run } = await startHunting([hangUp, RESULT]);
    await expect(run()).rejects.toMatchObject({ code: 'defender_unreachable', httpStatus: 503 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the time of a hunt', () => {
  const slowBody: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"schema":[],');
  };

  it.each<[string, Answer]>([
    ['does not answer', keepSilent],
    ['begins an answer and does not end it', slowBody],
  ])('is over when the service %s, and its caller is told what to do', async (_title, answer) => {
    const { server, logs, run } = await startHunting([answer, RESULT], { timeoutMs: 150 });
    await expect(run()).rejects.toMatchObject({ code: 'hunt_timed_out', httpStatus: 504 });
    expect(server.requests).toHaveLength(1);
    expect(logs.events()).toEqual(['hunt_failed']);
  });

  it('holds for both tries together', async () => {
    const real = AbortSignal.timeout.bind(AbortSignal);
    const limits: number[] = [];
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      return real(200);
    });
    const { server, run } = await startHunting([failure(503, ''), keepSilent]);
    await expect(run()).rejects.toMatchObject({ code: 'hunt_timed_out' });
    expect(server.requests).toHaveLength(2);
    expect(limits).toEqual([100_000]);
  });

  it('ends with that of its caller, whose reason stands', async () => {
    const { run } = await startHunting([keepSilent]);
    const reason = new DOMException('The deadline passed.', 'TimeoutError');
    const caller = new AbortController();
    const running = run({}, caller.signal);
    caller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
