import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture, type FixtureHost } from './harness.ts';

interface Description {
  functionName: string;
  method: string;
  url: string;
  params: Record<string, string>;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
  traceParent: string;
}

async function descriptionOf(response: Response): Promise<Description> {
  expect(response.status).toBe(200);
  return (await response.json()) as Description;
}

let host: FixtureHost;

beforeAll(async () => {
  host = await startFixture('http', { env: { LOCAL_HOST_FUNCTION_KEY: 'the-key' } });
});

afterAll(() => host.stop());

describe('routing', () => {
  it('answers 404 without a body when no route matches, or only for another method (HEAD and OPTIONS too)', async () => {
    const attempts = [
      ['GET', '/api/unknown'],
      ['GET', '/things/1'],
      ['PUT', '/api/things/1'],
      ['HEAD', '/api/things/1'],
      ['OPTIONS', '/api/things/1'],
    ] as const;
    for (const [method, route] of attempts) {
      const response = await host.get(route, { method });
      expect([method, route, response.status, await response.text()]).toEqual([method, route, 404, '']);
    }
  });

  it('matches routes without regard to case and takes the function name where there is no route', async () => {
    expect((await descriptionOf(await host.get('/API/Things/Special'))).functionName).toBe('specialThing');
    expect((await descriptionOf(await host.get('/api/BYNAME/'))).functionName).toBe('byName');
  });

  it('prefers a literal to a parameter and a constrained parameter to a free one', async () => {
    const namesByRoute = { special: 'specialThing', 17: 'oneThing', x17: 'namedThing' };
    for (const [thing, functionName] of Object.entries(namesByRoute)) {
      expect((await descriptionOf(await host.get(`/api/things/${thing}`))).functionName).toBe(functionName);
    }
  });

  it('gives one path to several functions by method', async () => {
    const response = await host.get('/api/things/1', { method: 'DELETE' });
    expect((await descriptionOf(response)).functionName).toBe('deleteThing');
  });

  it('keeps %2F in a route parameter and decodes everything else', async () => {
    const { params } = await descriptionOf(await host.get('/api/things/a%2Fb%20c%C3%A4'));
    expect(params).toEqual({ name: 'a%2Fb cä' });
  });

  it('leaves out an optional or catch-all parameter that is absent', async () => {
    expect((await descriptionOf(await host.get('/api/optional/a'))).params).toEqual({ first: 'a' });
    expect((await descriptionOf(await host.get('/api/optional/a/b'))).params).toEqual({
      first: 'a',
      second: 'b',
    });
    expect((await descriptionOf(await host.get('/api/files/a/b.txt'))).params).toEqual({ rest: 'a/b.txt' });
    expect((await descriptionOf(await host.get('/api/files'))).params).toEqual({});
  });
});

describe('the request a function sees', () => {
  it('joins a query name that is given twice', async () => {
    const { query } = await descriptionOf(await host.get('/api/byName?x=1&X=2&y=a%26b+c&empty='));
    expect(query).toEqual({ x: '1,2', y: 'a&b c', empty: '' });
  });

  it('has an absolute url, lower-case headers, the body and the trace of the caller', async () => {
    const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'X-Custom': 'Yes', traceparent: traceParent };
    const response = await host.get('/api/things/5?a=b', { method: 'POST', headers, body: 'päyload' });
    const seen = await descriptionOf(response);
    expect(seen).toMatchObject({ method: 'POST', url: `${host.url}/api/things/5?a=b`, body: 'päyload' });
    expect(seen.headers['x-custom']).toBe('Yes');
    expect(seen.traceParent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(seen.traceParent).not.toBe(traceParent);
  });

  it('carries x-ms-client-principal as the caller sent it', async () => {
    const response = await host.get('/api/byName', { headers: { 'x-ms-client-principal': 'forged' } });
    expect((await descriptionOf(response)).headers['x-ms-client-principal']).toBe('forged');
  });

  it('has no body when the caller sent it without a content-length', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('chunked'));
        controller.close();
      },
    });
    const response = await host.get('/api/sink', { method: 'POST', body, duplex: 'half' });
    expect((await descriptionOf(response)).body).toBe('');
  });

  it('never arrives when its body is above 100 MiB: the answer is 500', async () => {
    const limit = 104_857_600;
    const tooLarge = await host.get('/api/sink', { method: 'POST', body: Buffer.alloc(limit + 1) });
    expect([tooLarge.status, await tooLarge.text()]).toEqual([500, '']);
    const calls = (): number => host.lines.filter((line) => line.includes(' sink: called')).length;
    const before = calls();
    await host.get('/api/sink', { method: 'POST', body: 'small' });
    // The chunked call above and the small one are logged, so a call with the large body would be as well.
    expect([before, calls()]).toEqual([1, 2]);
  });
});

describe('the response', () => {
  it('is 500 without a body when the function throws, and the log has message and code', async () => {
    const response = await host.get('/api/throws');
    expect([response.status, await response.text()]).toEqual([500, '']);
    const line = host.lines.find((candidate) => candidate.includes('throws: Failed'));
    expect(line).toMatch(/error throws: Failed after \d+ms: the reason \(Error, E_REASON\)$/);
  });

  it('is 500 after one call when the function throws, also with a retry policy', async () => {
    expect((await host.get('/api/throwsWithRetry')).status).toBe(500);
    expect(host.lines.filter((line) => line.includes('throwsWithRetry: Failed'))).toHaveLength(1);
  });

  it('is 204 when the function returns nothing', async () => {
    expect((await host.get('/api/nothing')).status).toBe(204);
  });

  it('has the status, headers and cookies of the function and is chunked', async () => {
    const response = await host.get('/api/answers');
    expect([response.status, await response.text()]).toEqual([202, 'accepted']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      location: '/elsewhere',
      'retry-after': '5',
      'content-type': 'text/plain',
      'transfer-encoding': 'chunked',
      'set-cookie': 'flavour=oat%20meal; path=/; secure; samesite=strict',
    });
    expect(response.headers.has('x-ms-request-id')).toBe(false);
  });
});

describe('authLevel function', () => {
  it('is 401 without a body when the key is missing or wrong', async () => {
    const attempts: [string, Record<string, string>][] = [
      ['/api/keyed', {}],
      ['/api/keyed?code=wrong', {}],
      ['/api/keyed', { 'x-functions-key': 'wrong' }],
    ];
    for (const [route, headers] of attempts) {
      const response = await host.get(route, { headers });
      expect([response.status, await response.text()]).toEqual([401, '']);
    }
  });

  it('takes the key from x-functions-key or code', async () => {
    expect((await host.get('/api/keyed', { headers: { 'x-functions-key': 'the-key' } })).status).toBe(200);
    expect((await host.get('/api/keyed?code=the-key')).status).toBe(200);
  });

  it('is not checked without LOCAL_HOST_FUNCTION_KEY, and the log says so', async () => {
    const open = await startFixture('http');
    try {
      expect((await open.get('/api/keyed')).status).toBe(200);
      expect(open.lines.join('\n')).toContain('Function keys are not checked');
    } finally {
      await open.stop();
    }
  });
});

describe('settings', () => {
  it('take the route prefix from host.json or its override', async () => {
    const env = { AzureFunctionsJobHost__extensions__http__routePrefix: '' };
    const bare = await startFixture('http', { env });
    try {
      expect((await bare.get('/things/1')).status).toBe(200);
      expect((await bare.get('/api/things/1')).status).toBe(404);
    } finally {
      await bare.stop();
    }
  });

  it('reach the app: the given environment and nothing of the host process', async () => {
    const env = { GIVEN: 'yes' };
    const other = await startFixture('http', { env });
    try {
      expect(await (await other.get('/api/settings/GIVEN')).text()).toBe('yes');
      expect(await (await other.get('/api/settings/HOME')).text()).toBe('absent');
      expect(await (await other.get('/api/settings/WEBSITE_HOSTNAME')).text()).toBe(new URL(other.url).host);
    } finally {
      await other.stop();
    }
  });
});

describe('the log of a function', () => {
  it('is one line per message, from information on, with time, level and name', async () => {
    await host.get('/api/logs');
    const own = host.lines.filter((line) => /^\S+ \w+ +logs: /.test(line));
    expect(own.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'info  logs: at info',
      'warn  logs: at warn',
      'error logs: at error | second line',
    ]);
    expect(own[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /);
  });

  it('follows the levels of host.json, and LOCAL_HOST_LOG over all', async () => {
    const env = { AzureFunctionsJobHost__logging__logLevel__Function: 'Error' };
    const quiet = await startFixture('http', { env });
    const chatty = await startFixture('http', { env: { ...env, LOCAL_HOST_LOG: 'debug' } });
    try {
      await Promise.all([quiet.get('/api/logs'), chatty.get('/api/logs')]);
      const linesOf = ({ lines }: FixtureHost): string[] =>
        lines.filter((line) => /^\S+ \w+ +logs: /.test(line));
      expect(linesOf(quiet)).toHaveLength(1);
      expect(linesOf(chatty).join('\n')).toMatch(
        /Executing \(GET[^]*at debug[^]*at info[^]*Executed \(Succeeded/,
      );
    } finally {
      await Promise.all([quiet.stop(), chatty.stop()]);
    }
  });
});
