import { InvocationContext, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CallerGate } from '../../src/http/CallerGate.ts';
import { createHandler, type Answer, type Call } from '../../src/http/createHandler.ts';
import type { EndpointName } from '../../src/http/endpoints.ts';
import { OperationNotFound } from '../../src/operations/OperationNotFound.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';
import { storageError } from '../support/errors.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { createRequest, isolateRequest } from './support/requests.ts';
import {
  APP,
  createKey,
  NOW,
  OTHER_TENANT,
  startIssuer,
  type Claims,
  type TestIssuer,
} from './support/testIssuer.ts';

const REQUEST = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer(await createKey('key-1'));
});
afterEach(() => {
  vi.restoreAllMocks();
  issuer.broken.clear();
});
afterAll(async () => {
  await issuer.close();
});

interface Options {
  readonly name?: EndpointName;
  readonly gate?: () => CallerGate;
  readonly answer?: Answer;
}

const entraGate = (changes: { allowedApplications?: string[] } = {}) => {
  const gate = new CallerGate({ ...issuer.settings, ...changes }, new VirtualClock(NOW));
  return () => gate;
};
const keyGate = () => new CallerGate({ ...issuer.settings, auth: 'functionKey' }, new VirtualClock(NOW));

/** What a caller sees, what was logged, and the calls that came through. */
async function handle(request: HttpRequest, { name = 'isolateDevice', gate, answer }: Options = {}) {
  const lines: string[] = [];
  const context = new InvocationContext({
    invocationId: REQUEST,
    functionName: name,
    logHandler: (level, ...args) => lines.push(`${level} ${args.map(String).join(' ')}`),
  });
  const calls: Call[] = [];
  const handler = createHandler(name, gate ?? entraGate(), async (call) => {
    calls.push(call);
    return answer ? await answer(call) : { status: 200, jsonBody: { fine: true } };
  });
  const response = (await handler(request, context)) as HttpResponseInit;
  const headers = Object.fromEntries(new Headers(response.headers));
  const body: unknown = typeof response.body === 'string' ? JSON.parse(response.body) : response.jsonBody;
  return { status: response.status, headers, body: body as Record<string, unknown>, lines, calls };
}

const bearer = async (claims: Claims = {}) => await issuer.bearer(issuer.claims(claims));
const signed = async (claims: Claims = {}) =>
  isolateRequest({ headers: { authorization: await bearer(claims) } });
/** A request with nothing right in it. */
const wrongInput = (headers: Record<string, string> = {}) =>
  isolateRequest({ params: { device: ' ' }, body: '{', headers: { 'idempotency-key': '""', ...headers } });
const COMMON = {
  'x-ms-request-id': REQUEST,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

describe('a call that may pass', () => {
  it('reaches the function with who calls and what is asked for, checked', async () => {
    const { status, headers, body, calls, lines } = await handle(await signed());
    expect({ status, body }).toEqual({ status: 200, body: { fine: true } });
    expect(headers).toMatchObject(COMMON);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      caller: { kind: 'application', id: APP },
      query: { dryRun: false },
      body: { comment: 'Ransomware, case 7', isolationType: 'Full' },
      key: { kind: 'key', value: 'case-7' },
      requestId: REQUEST,
    });
    expect(lines).toEqual([]);
  });

  it('has its own headers beside the common ones', async () => {
    const answer = () =>
      Promise.resolve({ status: 202, headers: { location: 'https://x', 'cache-control': 'private' } });
    const { headers } = await handle(await signed(), { answer });
    expect(headers).toEqual({ ...COMMON, location: 'https://x', 'cache-control': 'private' });
  });

  it('is ended before Logic Apps give up after two minutes', async () => {
    const real = AbortSignal.timeout.bind(AbortSignal);
    const limits: number[] = [];
    const gate = entraGate();
    await gate().identify(await bearer());
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      return real(20);
    });
    const answer: Answer = async ({ signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      return await promise;
    };
    const { status, headers, body, lines } = await handle(await signed(), { gate, answer });
    expect(limits).toEqual([110_000]);
    expect({ status, error: body.error }).toMatchObject({
      status: 503,
      error: { code: 'request_timed_out' },
    });
    expect(headers['retry-after']).toBe('30');
    expect(lines.join()).toContain('event=request_failed');
  });
});

describe('who calls is asked before anything else', () => {
  it.each([
    ['no token', undefined, 'Bearer realm="defender-functions"'],
    ['a broken one', 'Bearer x', 'Bearer realm="defender-functions", error="invalid_token"'],
    ['another scheme', 'Basic YTpi', 'Bearer realm="defender-functions", error="invalid_token"'],
  ])('so %s gives 401 whatever the input is, and how to do it', async (_title, authorization, challenge) => {
    const request = wrongInput(authorization === undefined ? {} : { authorization });
    const { status, headers, body, calls, lines } = await handle(request);
    expect(status).toBe(401);
    expect(headers).toMatchObject({ ...COMMON, 'www-authenticate': challenge });
    expect(body).toMatchObject({ title: 'Unauthorized', error: { code: 'caller_unauthenticated' } });
    expect(body.error).not.toHaveProperty('details');
    expect(calls).toEqual([]);
    expect(request.bodyUsed).toBe(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^warning Caller rejected\. event=caller_rejected function=isolateDevice code=caller_/,
    );
  });

  it('so an expired token gives 401 and says so', async () => {
    const { status, headers, body } = await handle(await signed({ exp: NOW / 1000 - 3600 }));
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('error="invalid_token"');
    expect(body.detail).toContain('expired');
  });

  it('so a caller without the role gives 403 and its name, whatever the input is', async () => {
    const authorization = await bearer({ roles: ['Defender.Read', 'Defender.Hunt', 'Defender.Admin'] });
    const { status, headers, body, calls, lines } = await handle(wrongInput({ authorization }));
    expect(status).toBe(403);
    expect(headers['www-authenticate']).toBe('Bearer realm="defender-functions", error="insufficient_scope"');
    expect(body).toMatchObject({ error: { code: 'caller_role_missing' } });
    expect(body.detail).toContain('Defender.Respond');
    // Whoever reads the log must know whose role it is.
    expect(lines.join()).toContain(APP);
    expect(calls).toEqual([]);
  });

  it('so an application that is not on the list gives 403', async () => {
    const gate = entraGate({ allowedApplications: [OTHER_TENANT] });
    const { status, headers, body, calls } = await handle(await signed(), { gate });
    expect(status).toBe(403);
    expect(headers['www-authenticate']).toContain('insufficient_scope');
    expect(body).toMatchObject({ error: { code: 'caller_not_allowed' } });
    expect(calls).toEqual([]);
  });

  it('so the keys of Entra being out of reach gives 503 without more, and the log has why', async () => {
    issuer.broken.add('discovery');
    const { status, headers, body, calls, lines } = await handle(await signed());
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '30' });
    expect(body).toMatchObject({ error: { code: 'signing_keys_unavailable' } });
    expect(body.detail).toBe(
      `The app cannot tell who calls. Its log has why under the request id ${REQUEST}.`,
    );
    expect(calls).toEqual([]);
    expect(lines.join()).toContain('AZURE_AUTHORITY_HOST');
  });

  it('so wrong settings give 503 to somebody unknown, and only the log names them', async () => {
    const gate = () => {
      throw new SettingsError(['CALLER_AUDIENCE is missing']);
    };
    const { status, headers, body, calls, lines } = await handle(await signed(), { gate });
    expect(status).toBe(503);
    expect(headers).toMatchObject({ ...COMMON, 'retry-after': '30', 'x-ms-error-code': 'settings_invalid' });
    expect(JSON.stringify(body)).not.toContain('CALLER_AUDIENCE');
    expect(lines.join()).toContain('CALLER_AUDIENCE is missing');
    expect(calls).toEqual([]);
  });

  it('so an unexpected fault there gives 500, and tells nothing', async () => {
    const gate = () => {
      throw new TypeError('secret thing');
    };
    const { status, body } = await handle(await signed(), { gate });
    expect(status).toBe(500);
    expect(body).toMatchObject({ error: { code: 'unexpected_error' } });
    expect(JSON.stringify(body)).not.toContain('secret thing');
  });
});

describe('a known caller', () => {
  it('is told all faults of the input, and the function never runs', async () => {
    const { status, body, calls, lines } = await handle(wrongInput({ authorization: await bearer() }));
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'input_invalid' } });
    expect((body.error as { details: unknown[] }).details).toHaveLength(3);
    expect(calls).toEqual([]);
    expect(lines[0]).toMatch(
      /^warning Request refused\. event=request_refused function=isolateDevice code=input_invalid/,
    );
  });

  it.each([
    [413, { 'content-length': '600000' }],
    [415, { 'content-type': 'text/plain' }],
  ])('is told %i as a problem, too', async (expected, more) => {
    const headers = { authorization: await bearer(), ...more };
    const { status, headers: answered, calls } = await handle(isolateRequest({ headers }));
    expect(status).toBe(expected);
    expect(answered['content-type']).toBe('application/problem+json');
    expect(calls).toEqual([]);
  });

  it('gets the error of the function as a problem, logged by how bad it is', async () => {
    const refused = await handle(await signed(), {
      answer: () => Promise.reject(new OperationNotFound('abc')),
    });
    expect(refused.status).toBe(404);
    expect(refused.lines[0]).toMatch(/^warning .* event=request_refused .*code=operation_not_found/);
    const failed = await handle(await signed(), { answer: () => Promise.reject(storageError()) });
    expect(failed.status).toBe(503);
    expect(failed.lines[0]).toMatch(/^error .* event=request_failed .*code=storage_error/);
    expect(failed.body.detail).toBe(storageError().message);
  });

  it('gets nothing of an unexpected error, which the log has', async () => {
    const answer = () => Promise.reject(new TypeError('hunter2'));
    const { status, body, lines } = await handle(await signed(), { answer });
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(lines[0]).toMatch(/^error .*code=unexpected_error message="TypeError: hunter2"/);
  });

  it('never finds its token in the log', async () => {
    const authorization = await bearer({ roles: [] });
    const { lines } = await handle(isolateRequest({ headers: { authorization } }));
    expect(lines.join()).not.toContain(authorization.slice(7, 40));
  });
});

describe('an open endpoint', () => {
  const open = { name: 'getHealth' } as const;

  it('answers whoever brings no token, as nobody', async () => {
    const { status, calls } = await handle(createRequest({}), open);
    expect(status).toBe(200);
    expect(calls[0]?.caller).toBeUndefined();
  });

  it('knows whoever brings a token, with or without a role', async () => {
    const headers = { authorization: await bearer({ roles: [] }) };
    const { status, calls } = await handle(createRequest({ headers }), open);
    expect(status).toBe(200);
    expect(calls[0]?.caller).toMatchObject({ id: APP, roles: [] });
  });

  it('refuses a token that does not hold, so that nobody takes the short answer for the whole one', async () => {
    const headers = { authorization: 'Bearer x' };
    const { status, calls } = await handle(createRequest({ headers }), open);
    expect(status).toBe(401);
    expect(calls).toEqual([]);
  });

  it('knows nobody when keys are used: the host checks none there', async () => {
    for (const headers of [{}, { authorization: 'Bearer x' }]) {
      const { calls } = await handle(createRequest({ headers }), { ...open, gate: keyGate });
      expect(calls).toHaveLength(1);
      expect(calls[0]?.caller).toBeUndefined();
    }
  });

  it('needs right settings, too', async () => {
    const gate = () => {
      throw new SettingsError(['CALLER_AUDIENCE is missing']);
    };
    const { status, body } = await handle(createRequest({}), { ...open, gate });
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('CALLER_AUDIENCE');
  });
});

describe('with function keys', () => {
  it('everybody passes whom the host let through, and every call is warned about', async () => {
    const { status, calls, lines } = await handle(isolateRequest(), { gate: keyGate });
    expect(status).toBe(200);
    expect(calls[0]?.caller).toMatchObject({ kind: 'functionKey', id: 'function-key' });
    expect(lines).toEqual([
      'warning CALLER_AUTH is functionKey: callers cannot be told apart, and every key may do everything. event=caller_unverified',
    ]);
  });

  it("the key may stand in the query, which is the host's, but not with tokens", async () => {
    const query = { code: 'the-key', dryRun: 'true' };
    const { status, calls } = await handle(isolateRequest({ query }), { gate: keyGate });
    expect(status).toBe(200);
    expect(calls[0]?.query).toEqual({ dryRun: true });
    const headers = { authorization: await bearer() };
    expect((await handle(isolateRequest({ query, headers }))).status).toBe(400);
  });
});
