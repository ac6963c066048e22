import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createScaledTime,
  LogicAppsClient,
  type HttpAction,
  type LogicAppsOptions,
} from '../support/logicApps/LogicAppsClient.ts';
import {
  hangUp,
  json,
  keepSilent,
  plain,
  startServer,
  type Answer,
  type TestServer,
} from '../support/startServer.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const startMs = Date.UTC(2026, 10, 20, 8);

let server: TestServer;
let time: VirtualClock;
beforeEach(async () => {
  server = await startServer();
  time = new VirtualClock(startMs);
});
afterEach(() => server.close());

function createClient(options: LogicAppsOptions = {}): LogicAppsClient {
  return new LogicAppsClient({ time, ...options });
}

/** A POST to the server; waits cost no time. */
function post(action: Partial<HttpAction> = {}): HttpAction {
  return { method: 'POST', uri: `${server.url}/isolate`, body: { comment: 'Malware' }, ...action };
}

/** 202 with the `Location` of an operation of this server. */
function accepted(headers: Record<string, string> = { 'retry-after': '10' }): Answer {
  return (response, request) =>
    json(202, {}, { location: `${server.url}/wait`, ...headers })(response, request);
}

/** The seconds waited before each request. */
function waits(requests: readonly { readonly waitedMs: number }[]): readonly number[] {
  return requests.map(({ waitedMs }) => waitedMs / 1000);
}

// https://learn.microsoft.com/azure/connectors/connectors-native-http
describe('An HTTP action', () => {
  it('sends method, URL with queries, headers, body and token, and gives the answer as outputs', async () => {
    server.answerWith(json(200, { id: 7 }, { 'x-ms-request-id': 'r1' }));
    const result = await createClient()
      .startRun()
      .http(
        'Isolate_device',
        post({
          uri: `${server.url}/isolate?dryRun=true`,
          queries: { 'api-version': '2026-01-01', top: 5 },
          headers: { 'Idempotency-Key': 'k1' },
          authentication: () => 'token',
        }),
      );
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/isolate?dryRun=true&api-version=2026-01-01&top=5',
      headers: {
        'idempotency-key': 'k1',
        'content-type': 'application/json; charset=utf-8',
        authorization: 'Bearer token',
      },
    });
    expect(request?.body.toString()).toBe('{"comment":"Malware"}');
    expect(result).toMatchObject({
      status: 'Succeeded',
      code: 'OK',
      outputs: { statusCode: 200, headers: { 'x-ms-request-id': 'r1' }, body: { id: 7 } },
      attempts: 1,
    });
    expect(result.requests).toMatchObject([{ kind: 'first', hasToken: true, statusCode: 200 }]);
    // Results are printed when a test fails.
    expect(JSON.stringify(result)).not.toContain('Bearer');
  });

  it('sends what Logic Apps adds, and nothing else', async () => {
    server.answerWith(json(200, {}));
    const run = createClient({ workflowName: 'contain', location: 'northeurope' }).startRun();
    await run.http('Isolate_device', { method: 'GET', uri: server.url });
    const headers = server.requests[0]?.headers ?? {};
    expect(headers).toEqual({
      host: new URL(server.url).host,
      connection: 'close',
      'accept-language': 'en-US',
      'user-agent': expect.stringMatching(
        /^azure-logic-apps\/1\.0,\(workflow [0-9a-f]{32}; version \d{20}\)$/,
      ) as unknown,
      'x-ms-execution-location': 'northeurope',
      'x-ms-workflow-name': 'contain',
      'x-ms-workflow-operation-name': 'Isolate_device',
      'x-ms-workflow-run-id': run.runId,
      'x-ms-client-tracking-id': run.runId,
      'x-ms-tracking-id': headers['x-ms-client-request-id'],
      'x-ms-correlation-id': headers['x-ms-client-request-id'],
      'x-ms-client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      'x-ms-action-tracking-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
    expect(run.runId).toMatch(/^\d{29}CU\d{2}$/);
  });

  // https://learn.microsoft.com/azure/connectors/connectors-native-http#omitted-headers
  it('drops the headers that Logic Apps drops', async () => {
    server.answerWith(json(200, {}));
    const dropped = {
      'Accept-Encoding': 'br',
      Allow: 'GET',
      'Content-MD5': 'x',
      'Content-Length': '1',
      Cookie: 'a=b',
      Expires: 'never',
      Host: 'evil.example',
      'Last-Modified': 'now',
      Origin: 'https://evil.example',
      'Transfer-Encoding': 'chunked',
    };
    const kept = { Accept: 'text/plain', 'Content-Type': 'application/x', 'Content-Disposition': 'inline' };
    await createClient()
      .startRun()
      .http('Isolate', post({ headers: { ...dropped, ...kept } }));
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({
      host: new URL(server.url).host,
      accept: 'text/plain',
      'content-type': 'application/x',
      'content-disposition': 'inline',
      'content-length': String(request?.body.length),
    });
    for (const name of ['accept-encoding', 'allow', 'content-md5', 'cookie', 'expires', 'origin'])
      expect(request?.headers).not.toHaveProperty(name);
  });

  it.each([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/problem+json; charset=utf-8', '{"status":422}', { status: 422 }],
    ['application/json', 'not json', 'not json'],
    ['text/plain', 'hello', 'hello'],
    ['application/pdf', 'pdf', { '$content-type': 'application/pdf', $content: 'cGRm' }],
    ['text/plain', '', undefined],
  ])('gives a body of %s as a workflow sees it', async (type, text, body) => {
    server.answerWith(plain(200, text, { 'content-type': type }));
    const { outputs } = await createClient().startRun().http('Read', { method: 'GET', uri: server.url });
    expect(outputs?.body).toEqual(body);
  });

  it.each([
    [400, 'BadRequest'],
    [409, 'Conflict'],
    [422, 'UnprocessableEntity'],
    [302, 'Found'],
  ])('fails at once with %s, its outputs kept', async (status, code) => {
    server.answerWith(json(status, { error: { code: 'no' } }, { location: `${server.url}/elsewhere` }));
    const result = await createClient().startRun().http('Isolate', post());
    expect(result).toMatchObject({
      status: 'Failed',
      code,
      error: { code },
      outputs: { statusCode: status, body: { error: { code: 'no' } } },
      attempts: 1,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('refuses what no workflow could hold', async () => {
    const run = createClient().startRun();
    await expect(run.http('Isolate', post({ uri: '/isolate' }))).rejects.toThrow(TypeError);
    await expect(run.http('Isolate', post({ headers: { bad: 'a\nb' } }))).rejects.toThrow(TypeError);
    await expect(run.http('Isolate', post({ limit: { timeout: '5 min' } }))).rejects.toThrow(RangeError);
    const retryPolicy = { type: 'fixed', count: 91, interval: 'PT5S' } as const;
    await expect(run.http('Isolate', post({ retryPolicy }))).rejects.toThrow('1 to 90');
    await expect(
      run.http('Isolate', post({ retryPolicy: { ...retryPolicy, count: 1, interval: 'PT1S' } })),
    ).rejects.toThrow('PT5S to P1D');
  });
});

// https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
describe('The default retry policy', () => {
  it.each([408, 429, 500, 503])(
    'sends the same request up to 4 more times on %s, then fails with it',
    async (status) => {
      server.answerWith(json(status, { attempt: 'last' }));
      const result = await createClient().startRun().http('Isolate', post());
      expect(result).toMatchObject({ status: 'Failed', outputs: { statusCode: status }, attempts: 5 });
      expect(waits(result.requests)).toEqual([0, 6.25, 11.25, 22.5, 37.5]);
      expect(time.now() - startMs).toBe(77_500);
      expect(new Set(server.requests.map(({ body }) => body.toString()))).toEqual(
        new Set(['{"comment":"Malware"}']),
      );
    },
  );

  it.each([
    [0, [0, 5, 7.5, 15, 30]],
    [0.999_999, [0, 7.5, 15, 30, 45]],
  ])('waits between the documented bounds when chance is %s', async (random, expected) => {
    server.answerWith(json(500, {}));
    const { requests } = await createClient({ random: () => random })
      .startRun()
      .http('Isolate', post());
    expect(waits(requests).map((seconds) => Math.round(seconds * 100) / 100)).toEqual(expected);
  });

  it('stops at the first other answer', async () => {
    server.answerWith(json(503, {}), hangUp, json(404, {}));
    const result = await createClient().startRun().http('Isolate', post());
    expect(result).toMatchObject({ status: 'Failed', code: 'NotFound', attempts: 3 });
    expect(result.requests.map(({ kind, statusCode, failure }) => [kind, statusCode, failure])).toEqual([
      ['first', 503, undefined],
      ['retry', undefined, 'connectionFailed'],
      ['retry', 404, undefined],
    ]);
  });

  it.each([
    [{ 'retry-after': '90' }, 90],
    [{ 'retry-after': 'Fri, 20 Nov 2026 09:00:30 GMT', date: 'Fri, 20 Nov 2026 09:00:00 GMT' }, 30],
    [{ 'retry-after': 'soon' }, 6.25],
  ])('waits as %j says', async (headers, seconds) => {
    server.answerWith(json(429, {}, headers), json(200, {}));
    const { requests } = await createClient().startRun().http('Isolate', post());
    expect(waits(requests)).toEqual([0, seconds]);
  });

  it('fails without outputs when nothing listens', async () => {
    await server.close();
    const result = await createClient().startRun().http('Isolate', post());
    expect(result).toMatchObject({ status: 'Failed', code: 'ConnectionFailed', attempts: 5 });
    expect(result).not.toHaveProperty('outputs');
  });

  it('asks for a token for every request', async () => {
    server.answerWith(json(500, {}), json(200, {}));
    let asked = 0;
    const authentication = async (): Promise<string> => Promise.resolve(`token-${(asked += 1)}`);
    await createClient().startRun().http('Isolate', post({ authentication }));
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });
});

describe('Another retry policy', () => {
  it('none: never sends a request twice', async () => {
    server.answerWith(json(503, {}));
    const result = await createClient()
      .startRun()
      .http('Isolate', post({ retryPolicy: { type: 'none' } }));
    expect(result).toMatchObject({ status: 'Failed', code: 'ServiceUnavailable', attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it('fixed: waits the interval each time', async () => {
    server.answerWith(json(503, {}));
    const retryPolicy = { type: 'fixed', count: 2, interval: 'PT30S' } as const;
    const { requests } = await createClient().startRun().http('Isolate', post({ retryPolicy }));
    expect(waits(requests)).toEqual([0, 30, 30]);
  });

  it('exponential: waits from ranges that double, within its own bounds', async () => {
    server.answerWith(json(503, {}));
    const retryPolicy = {
      type: 'exponential',
      count: 5,
      interval: 'PT10S',
      minimumInterval: 'PT15S',
      maximumInterval: 'PT1M',
    } as const;
    const { requests } = await createClient().startRun().http('Isolate', post({ retryPolicy }));
    expect(waits(requests)).toEqual([0, 15, 17.5, 30, 50, 60]);
  });
});

describe('The tracking headers', () => {
  const names = [
    'x-ms-workflow-run-id',
    'x-ms-workflow-name',
    'x-ms-workflow-operation-name',
    'x-ms-client-tracking-id',
    'x-ms-client-request-id',
    'x-ms-action-tracking-id',
  ];

  /** How many values each header had. */
  function countValues(): readonly number[] {
    return names.map((name) => new Set(server.requests.map(({ headers }) => headers[name])).size);
  }

  it('of the run and the action stay when a request is sent again, the others change', async () => {
    server.answerWith(json(500, {}), json(500, {}), json(200, {}));
    await createClient().startRun().http('Isolate', post());
    expect(countValues()).toEqual([1, 1, 1, 1, 3, 3]);
    const [, second] = server.requests;
    expect(second?.headers['x-ms-tracking-id']).toBe(second?.headers['x-ms-client-request-id']);
  });

  it('change as the option says, from the second request on', async () => {
    server.answerWith(json(500, {}), json(200, {}));
    const run = createClient({
      changingHeaders: ['x-ms-workflow-run-id', 'x-ms-action-tracking-id'],
    }).startRun();
    await run.http('Isolate', post());
    expect(countValues()).toEqual([2, 1, 1, 1, 1, 2]);
    expect(server.requests[0]?.headers['x-ms-workflow-run-id']).toBe(run.runId);
  });

  it('carry the ids that the run was given', async () => {
    server.answerWith(json(200, {}));
    const run = createClient().startRun({ runId: 'run-1', clientTrackingId: 'alert-1' });
    await run.http('Isolate', post());
    expect(server.requests[0]?.headers).toMatchObject({
      'x-ms-workflow-run-id': 'run-1',
      'x-ms-client-tracking-id': 'alert-1',
    });
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-create-api-app#async-pattern
describe('The asynchronous pattern', () => {
  it('asks Location, with the token of the action, until the answer is not 202', async () => {
    server.answerWith(accepted(), accepted({ 'retry-after': '30' }), accepted({}), json(200, { done: true }));
    const result = await createClient()
      .startRun()
      .http('Isolate', post({ headers: { 'Idempotency-Key': 'k1' }, authentication: () => 'token' }));
    expect(result).toMatchObject({
      status: 'Succeeded',
      code: 'OK',
      outputs: { statusCode: 200, body: { done: true } },
      attempts: 1,
    });
    // Without Retry-After, every 20 seconds.
    expect(waits(result.requests)).toEqual([0, 10, 30, 20]);
    const polls = server.requests.slice(1);
    for (const { method, path, headers, body } of polls) {
      expect([method, path, headers.authorization, body.length]).toEqual(['GET', '/wait', 'Bearer token', 0]);
      expect(headers).not.toHaveProperty('idempotency-key');
      expect(headers).not.toHaveProperty('content-type');
    }
    expect(new Set(server.requests.map(({ headers }) => headers['x-ms-workflow-run-id'])).size).toBe(1);
  });

  it.each([422, 429, 500])('fails with the %s of a poll, which is not tried again', async (status) => {
    server.answerWith(accepted(), json(status, { error: { code: 'ended' } }));
    const result = await createClient().startRun().http('Isolate', post());
    expect(result).toMatchObject({
      status: 'Failed',
      outputs: { statusCode: status, body: { error: { code: 'ended' } } },
    });
    expect(server.requests).toHaveLength(2);
  });

  it('tries a failed poll again when the option says so', async () => {
    server.answerWith(accepted(), hangUp, json(503, {}), accepted(), json(200, {}));
    const result = await createClient({ retryPolls: true }).startRun().http('Isolate', post());
    expect(result).toMatchObject({ status: 'Succeeded', attempts: 1 });
    expect(waits(result.requests)).toEqual([0, 10, 6.25, 11.25, 10]);
  });

  it('begins also when only a retry is accepted', async () => {
    server.answerWith(json(503, {}), accepted(), json(200, {}));
    const result = await createClient().startRun().http('Isolate', post());
    expect(result.requests.map(({ kind }) => kind)).toEqual(['first', 'retry', 'poll']);
  });

  it('keeps the last Location when a poll gives none', async () => {
    server.answerWith(accepted(), json(202, {}), json(200, {}));
    const result = await createClient().startRun().http('Isolate', post());
    expect([result.status, server.requests.map(({ path }) => path)]).toEqual([
      'Succeeded',
      ['/isolate', '/wait', '/wait'],
    ]);
  });

  it.each([
    ['no Location', {}],
    ['a relative Location', { location: '/wait' }],
  ])('is not followed with %s: 202 is the answer', async (_case, headers) => {
    server.answerWith(json(202, {}, headers));
    const result = await createClient().startRun().http('Isolate', post());
    expect(result).toMatchObject({ status: 'Succeeded', code: 'Accepted', outputs: { statusCode: 202 } });
    expect(server.requests).toHaveLength(1);
  });

  it('is switched off by DisableAsyncPattern', async () => {
    server.answerWith(accepted());
    const result = await createClient()
      .startRun()
      .http('Isolate', post({ operationOptions: 'DisableAsyncPattern' }));
    expect(result).toMatchObject({ status: 'Succeeded', code: 'Accepted' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('Time', () => {
  /** Answers when so many seconds have passed on the clock of the test. */
  function after(seconds: number, answer: Answer): Answer {
    return (response, request) => {
      time.advance(seconds * 1000);
      return answer(response, request);
    };
  }

  it('ends a request after 120 seconds, which is then sent again', async () => {
    server.answerWith(after(120, keepSilent), after(119, json(200, {})));
    const result = await createClient().startRun().http('Isolate', post());
    expect(result).toMatchObject({ status: 'Succeeded', attempts: 2 });
    expect(result.requests.map(({ failure }) => failure)).toEqual(['timedOut', undefined]);
  });

  it('takes an answer that comes too late for none', async () => {
    server.answerWith(after(121, json(200, {})));
    const result = await createClient()
      .startRun()
      .http('Isolate', post({ retryPolicy: { type: 'none' } }));
    expect(result).toMatchObject({ status: 'Failed', code: 'RequestTimedOut' });
    expect(result).not.toHaveProperty('outputs');
  });

  it('has another limit for a request when it is told', async () => {
    server.answerWith(after(200, json(200, {})));
    const client = createClient({ requestLimit: { ms: 235_000 } });
    expect((await client.startRun().http('Isolate', post())).attempts).toBe(1);
  });

  it('lets a real limit stand for the 120 seconds', async () => {
    server.answerWith(keepSilent);
    const client = createClient({ requestLimit: { ms: 120_000, realMs: 50 } });
    const result = await client.startRun().http('Isolate', post({ retryPolicy: { type: 'none' } }));
    expect(result.code).toBe('RequestTimedOut');
    expect(time.now() - startMs).toBe(120_000);
    expect(server.requests).toHaveLength(1);
  });

  it('measures nothing but the real limit when there is one', async () => {
    server.answerWith(after(1000, json(200, {})));
    const client = createClient({ requestLimit: { ms: 120_000, realMs: 10_000 } });
    expect((await client.startRun().http('Isolate', post())).status).toBe('Succeeded');
  });

  it('ends an action at limit.timeout while it polls', async () => {
    server.answerWith(accepted());
    const result = await createClient()
      .startRun()
      .http('Isolate', post({ limit: { timeout: 'PT1M' } }));
    expect(result).toMatchObject({ status: 'TimedOut', code: 'ActionTimedOut', attempts: 1 });
    expect(result).not.toHaveProperty('outputs');
    expect(result.requests).toHaveLength(6);
    expect(time.now() - startMs).toBe(60_000);
  });

  it('ends an action at limit.timeout as Cancelled when it is told', async () => {
    server.answerWith(accepted());
    const result = await createClient({ timeoutStatus: 'Cancelled' })
      .startRun()
      .http('Isolate', post({ limit: { timeout: 'PT1M' } }));
    expect(result).toMatchObject({ status: 'Cancelled', code: 'ActionTimedOut' });
    expect(result).not.toHaveProperty('outputs');
  });

  it('ends an action at limit.timeout between two tries and within a request', async () => {
    server.answerWith(json(500, {}));
    const limit = { timeout: 'PT10S' };
    const between = await createClient().startRun().http('Isolate', post({ limit }));
    expect([between.status, between.attempts, time.now() - startMs]).toEqual(['TimedOut', 2, 10_000]);
    server.answerWith(after(10, keepSilent));
    const within = await createClient().startRun().http('Isolate', post({ limit }));
    expect([within.status, within.attempts, time.now() - startMs]).toEqual(['TimedOut', 1, 20_000]);
  });

  it('can run faster than the host', async () => {
    server.answerWith(accepted({ 'retry-after': '20' }), json(200, {}));
    const begin = performance.now();
    const client = createClient({
      time: createScaledTime(1000),
      requestLimit: { ms: 120_000, realMs: 5000 },
    });
    const result = await client.startRun().http('Isolate', post());
    expect(waits(result.requests)).toEqual([0, 20]);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(19);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('A lost answer', () => {
  it('was carried out, and the request is sent again', async () => {
    server.answerWith(accepted(), json(200, {}));
    const seen: unknown[] = [];
    const client = createClient({
      loseAnswer: ({ kind, number, statusCode, actionName }) => {
        seen.push([kind, number, statusCode, actionName]);
        return kind === 'first';
      },
    });
    const result = await client.startRun().http('Isolate', post());
    expect(seen).toEqual([
      ['first', 1, 202, 'Isolate'],
      ['retry', 2, 200, 'Isolate'],
    ]);
    expect(result).toMatchObject({ status: 'Succeeded', code: 'OK', attempts: 2 });
    expect(result.requests.map(({ statusCode, failure }) => [statusCode, failure])).toEqual([
      [202, 'answerLost'],
      [200, undefined],
    ]);
    expect(server.requests).toHaveLength(2);
  });

  it('of a poll fails the action unless polls are tried again', async () => {
    const loseAnswer: LogicAppsOptions['loseAnswer'] = ({ kind, number }) => kind === 'poll' && number === 1;
    server.answerWith(accepted(), json(200, {}));
    expect(await createClient({ loseAnswer }).startRun().http('Isolate', post())).toMatchObject({
      status: 'Failed',
      code: 'ConnectionFailed',
    });
    server.answerWith(accepted(), json(200, {}));
    const patient = createClient({ loseAnswer, retryPolls: true });
    expect((await patient.startRun().http('Isolate', post())).status).toBe('Succeeded');
  });

  it('in the middle of a body is a failed connection', async () => {
    server.answerWith(
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      },
      json(200, {}),
    );
    const result = await createClient().startRun().http('Isolate', post());
    expect(result.requests.map(({ failure }) => failure)).toEqual(['connectionFailed', undefined]);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-loops
describe('foreach', () => {
  it('runs 20 iterations at a time in one run, under one action name, results in order', async () => {
    let open = 0;
    let most = 0;
    const full = Promise.withResolvers<undefined>();
    server.answerWith(async (response, request) => {
      open += 1;
      most = Math.max(most, open);
      // Nobody is answered before twenty are waiting, so fewer at a time would never end.
      if (open === 20) full.resolve(undefined);
      await full.promise;
      await delay(30); // For a twenty-first, if there were one.
      open -= 1;
      await json(200, { path: request.path })(response, request);
    });
    const devices = Array.from({ length: 40 }, (_value, index) => `device-${index}`);
    const run = createClient({ requestLimit: { ms: 120_000, realMs: 10_000 } }).startRun();
    const results = await run.foreach('Isolate_each', devices, (device) =>
      post({ uri: `${server.url}/${device}` }),
    );
    expect(results.map(({ outputs }) => outputs?.body)).toEqual(
      devices.map((device) => ({ path: `/${device}` })),
    );
    expect(most).toBe(20);
    for (const name of ['x-ms-workflow-run-id', 'x-ms-workflow-operation-name'])
      expect(new Set(server.requests.map(({ headers }) => headers[name])).size).toBe(1);
    for (const name of ['x-ms-action-tracking-id', 'x-ms-client-request-id'])
      expect(new Set(server.requests.map(({ headers }) => headers[name])).size).toBe(40);
  });

  it('counts the limit of each action on its own, though the clock is shared', async () => {
    server.answerWith(accepted({ 'retry-after': '40' }), (response, request) =>
      request.path === '/wait'
        ? json(200, {})(response, request)
        : accepted({ 'retry-after': '40' })(response, request),
    );
    const run = createClient({ requestLimit: { ms: 120_000, realMs: 10_000 } }).startRun();
    const results = await run.foreach('Isolate_each', [1, 2, 3], () => post({ limit: { timeout: 'PT1M' } }));
    expect(results.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
  });

  it('runs one after the other when it is told, and refuses more than 50 at a time', async () => {
    const order: string[] = [];
    server.answerWith(async (response, { path }) => {
      order.push(`in ${path}`);
      await delay(10);
      order.push(`out ${path}`);
      response.writeHead(200).end();
    });
    const run = createClient().startRun();
    const toAction = (name: string): HttpAction => ({ method: 'GET', uri: `${server.url}/${name}` });
    await run.foreach('Read_each', ['a', 'b'], toAction, { concurrency: 1 });
    expect(order).toEqual(['in /a', 'out /a', 'in /b', 'out /b']);
    await expect(run.foreach('Read_each', ['a'], toAction, { concurrency: 51 })).rejects.toThrow('1 to 50');
  });
});
