import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  DefenderClient,
  type DefenderAnswer,
  type DefenderClientInit,
  type DefenderRequest,
} from '../../src/defender/DefenderClient.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import type { TokenSource } from '../../src/identity/TokenSource.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { hangUp, json, keepSilent, plain, type Answer } from '../support/startServer.ts';
import { useDefender } from '../support/useDefender.ts';
import { useServers } from '../support/useServers.ts';

const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const PERMISSION = permissionTable.pullAlerts;

const startServer = useServers();
const startClient = useDefender();

/** Gives these tokens one after the other: the next one each time the last was refused. */
function tokensOf(...tokens: string[]): TokenSource & { asked: number } {
  let index = 0;
  return {
    asked: 0,
    getToken(_audience, _signal, refused) {
      this.asked += 1;
      if (refused !== undefined && refused === tokens[index] && index + 1 < tokens.length) index += 1;
      return Promise.resolve(tokens[index] ?? '');
    },
  };
}

/** A JWT as Entra issues them, but for its signature. */
function jwtWith(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'RS256' })}.${encode(claims)}.c2lnbmF0dXJl`;
}

async function startDefender(answers: Answer[], init: Partial<DefenderClientInit> = {}) {
  const tokens = tokensOf('token-1', 'token-2', 'token-3');
  const { server, client } = await startClient(answers, { tokens, ...init });
  let sent = 0;
  const get = (request: Partial<DefenderRequest> = {}) =>
    client.send({
      operation: 'Read alerts',
      path: '/api/alerts?$top=1',
      permission: PERMISSION,
      signal: new AbortController().signal,
      beforeSend: () => {
        sent += 1;
        return Promise.resolve();
      },
      ...request,
    });
  return { server, get, counted: () => sent };
}

async function textOf({ body }: DefenderAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** What `promise` fails with. */
async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await Promise.allSettled([promise]);
  const [settled] = outcome;
  if (settled.status === 'fulfilled') throw new Error('it did not fail');
  return settled.reason as Error & Record<string, unknown>;
}

describe('a call to Defender', () => {
  it('asks for JSON with the token and gives status, headers and body as they come', async () => {
    const { server, get, counted } = await startDefender([
      json(200, '{"value":[]}', { 'request-id': 'r-1' }),
    ]);
    const answer = await get();
    expect(answer).toMatchObject({ status: 200, requestId: 'r-1' });
    expect(answer.headers.get('date')).not.toBeNull();
    expect(await textOf(answer)).toBe('{"value":[]}');
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        path: '/api/alerts?$top=1',
        headers: { authorization: 'Bearer token-1', accept: 'application/json' },
      },
    ]);
    expect(counted()).toBe(1);
  });

  it('sends a preference with what it reads, and with nothing else', async () => {
    const { server, get } = await startDefender([json(200, '{}'), json(200, '{}')], { prefer: 'x=y' });
    await textOf(await get());
    await textOf(await get({ method: 'POST', body: {} }));
    expect(server.requests.map(({ headers }) => headers.prefer)).toEqual(['x=y', undefined]);
  });

  it('takes a partial answer for a success and leaves it to the caller to notice', async () => {
    const { get } = await startDefender([json(206, '{"value":[]}')]);
    expect(await get()).toMatchObject({ status: 206 });
  });

  it('gives the body while it arrives, not only when it is whole', async () => {
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<undefined>();
    const { get } = await startDefender([
      async (response) => {
        response.writeHead(200).write('first');
        await mayGoOn;
        response.end('second');
      },
    ]);
    const pieces: string[] = [];
    for await (const piece of (await get()).body) {
      pieces.push(Buffer.from(piece).toString());
      goOn(undefined);
    }
    expect(pieces).toEqual(['first', 'second']);
  });

  it('keeps a path prefix of the service', async () => {
    const { server, get } = await startDefender([json(200, {})]);
    const prefixed = new DefenderClient({
      url: `${server.url}/gateway`,
      audience: AUDIENCE,
      tokens: tokensOf('t'),
      requestTimeoutMs: 1_000,
    });
    await textOf(await get());
    await textOf(
      await prefixed.send({
        operation: 'x',
        path: '/api/alerts',
        permission: PERMISSION,
        signal: new AbortController().signal,
        beforeSend: () => Promise.resolve(),
      }),
    );
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/alerts?$top=1', '/gateway/api/alerts']);
  });

  it('is not sent when the quota or the checkpoint forbids it', async () => {
    const { server, get } = await startDefender([json(200, {})]);
    const forbidden = new Error('not now');
    await expect(get({ beforeSend: () => Promise.reject(forbidden) })).rejects.toBe(forbidden);
    expect(server.requests).toEqual([]);
  });

  it('is not sent without a token', async () => {
    const refusal = new CredentialRefused({
      subject: AUDIENCE,
      error: 'invalid_client',
      number: '7000222',
      correlationId: undefined,
      cause: undefined,
    });
    const { server, get } = await startDefender([json(200, {})], {
      tokens: { getToken: () => Promise.reject(refusal) },
    });
    await expect(get()).rejects.toBe(refusal);
    expect(server.requests).toEqual([]);
  });
});

// https://learn.microsoft.com/defender-endpoint/api/common-errors
const unauthorized = json(401, { error: { code: 'Unauthorized', message: 'expired', target: 'guid-401' } });

describe('a refused token', () => {
  it('gets one fresh token, and the call succeeds with that', async () => {
    const { server, get, counted } = await startDefender([unauthorized, json(200, '{"value":[1]}')]);
    expect(await textOf(await get())).toBe('{"value":[1]}');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    // Both requests count against the quota of the service.
    expect(counted()).toBe(2);
  });

  it('gets only one: the second refusal is told', async () => {
    const { server, get } = await startDefender([unauthorized]);
    await expect(get()).rejects.toMatchObject({
      code: 'defender_http_error',
      serviceStatus: 401,
      serviceCode: 'Unauthorized',
      retryable: false,
      message:
        'Read alerts: Defender answered 401 Unauthorized. It did not take a fresh token either: check that the audience ' +
        'belongs to the API (DEFENDER_API_AUDIENCE, XDR_API_AUDIENCE, GRAPH_API_AUDIENCE), DEFENDER_CLOUD, and the ' +
        'licence of the tenant. A support case needs the request id guid-401.',
    });
    expect(server.requests).toHaveLength(2);
  });

  it('is not waited for: the rest of the refusal need not arrive', async () => {
    const { get } = await startDefender([
      (response) => {
        response.writeHead(401).write('{"error":');
      },
      json(200, '{}'),
    ]);
    expect(await textOf(await get())).toBe('{}');
  });

  it('leads to what the second answer says', async () => {
    const { get } = await startDefender([unauthorized, plain(503, '', { 'retry-after': '7' })]);
    await expect(get()).rejects.toMatchObject({ serviceStatus: 503, retryAfterMs: 7_000 });
  });
});

describe('a missing permission', () => {
  // As the service words it; the wording may change and nothing depends on it.
  const forbidden = json(403, {
    error: { code: 'Forbidden', message: 'Missing application roles.', target: 'guid-403' },
  });
  const askWith = async (token: string) => {
    const started = await startDefender([forbidden], { tokens: tokensOf(token) });
    return { ...started, failure: await failureOf(started.get()) };
  };

  it('that the token shows is told without making the call, by the roles that would do and those that are there', async () => {
    const { server, counted, failure } = await askWith(jwtWith({ roles: ['Machine.Read.All', 'Ti.Read'] }));
    expect(failure).toMatchObject({
      code: 'defender_permission_missing',
      httpStatus: 502,
      retryable: false,
      permission: { role: 'Alert.Read.All' },
      requestId: undefined,
    });
    expect(failure.message).toBe(
      'Read alerts: the call was not made, because WindowsDefenderATP would refuse it. The token carries Machine.Read.All, Ti.Read. ' +
        'Grant the application role Alert.Read.All or Alert.ReadWrite.All of WindowsDefenderATP to the identity; ' +
        'npm run doctor prints the command.',
    );
    // Nor does it count against Defender's limits.
    expect(server.requests).toEqual([]);
    expect(counted()).toBe(0);
  });

  it('says so when the token carries no role at all', async () => {
    const { failure } = await askWith(jwtWith({ appid: 'x' }));
    expect(failure.message).toContain('The token carries no role. Grant the application role');
  });

  it('makes the app ask for a token anew, because the role may have been granted since', async () => {
    const before = jwtWith({ roles: [] });
    const after = jwtWith({ roles: ['Alert.Read.All'] });
    const { server, get } = await startDefender([json(200, '{}')], { tokens: tokensOf(before, after) });
    expect(await get()).toMatchObject({ status: 200 });
    expect(server.requests).toMatchObject([{ headers: { authorization: `Bearer ${after}` } }]);
  });

  it('is not suspected when the token carries a role that allows more', async () => {
    const { server, get } = await startDefender([json(200, '{}')], {
      tokens: tokensOf(jwtWith({ roles: ['Alert.ReadWrite.All'] })),
    });
    expect(await get()).toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  it('that only Defender sees says what else to check when the role is there', async () => {
    const { server, failure } = await askWith(jwtWith({ roles: ['Alert.ReadWrite.All'] }));
    expect(failure).toMatchObject({ code: 'defender_permission_missing', requestId: 'guid-403' });
    expect(failure.message).toBe(
      'Read alerts: WindowsDefenderATP refused the call. The token carries Alert.ReadWrite.All. ' +
        'The role is there, so check that the tenant is licensed and provisioned for it. Request id guid-403.',
    );
    expect(server.requests).toHaveLength(1);
  });

  it.each(['opaque', 'eyJ.not-base64-json.x', 'a.b.c', 'PFT_2.0.QUJD'])(
    'is left to Defender to find, when the token %s cannot be looked into',
    async (token) => {
      const { server, failure } = await askWith(token);
      expect(failure.message).toBe(
        'Read alerts: WindowsDefenderATP refused the call. Grant the application role Alert.Read.All or Alert.ReadWrite.All ' +
          'of WindowsDefenderATP to the identity; npm run doctor prints the command. Request id guid-403.',
      );
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('a person on whose behalf Defender is called', () => {
  const forbidden = json(403, { error: { code: 'Forbidden', target: 'guid-403' } });
  const tokenWith = (scp: string) => jwtWith({ scp, upn: 'analyst@contoso.example' });

  it('is judged by delegated scopes, not by roles', async () => {
    const { server, get } = await startDefender([json(200, '{}')], {
      tokens: tokensOf(tokenWith('Machine.Read Alert.Read')),
    });
    expect(await get()).toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  it('without the scope is refused before the call, by the name of the scope', async () => {
    const { server, get } = await startDefender([forbidden], { tokens: tokensOf(tokenWith('Machine.Read')) });
    const failure = await failureOf(get());
    expect(failure).toMatchObject({ code: 'person_not_permitted', httpStatus: 403, retryable: false });
    expect(failure.message).toBe(
      'Read alerts: the token carries Machine.Read; an administrator must consent to the delegated permission Alert.Read of WindowsDefenderATP.',
    );
    expect(server.requests).toEqual([]);
  });

  it('cannot go by an application role that stands in the token beside other scopes', async () => {
    const token = jwtWith({ scp: 'Machine.Read', roles: ['Alert.Read.All'] });
    const { server, get } = await startDefender([forbidden], { tokens: tokensOf(token) });
    await expect(get()).rejects.toMatchObject({ code: 'person_not_permitted' });
    expect(server.requests).toEqual([]);
  });

  it('whom Defender refuses is told that their role there decides, and is not an error of the deployment', async () => {
    const { get } = await startDefender([forbidden], { tokens: tokensOf(tokenWith('Alert.ReadWrite')) });
    const failure = await failureOf(get());
    expect(failure).toMatchObject({
      code: 'person_not_permitted',
      httpStatus: 403,
      requestId: 'guid-403',
    });
    expect(failure.message).toBe(
      'Read alerts: WindowsDefenderATP refused it for analyst@contoso.example; their role in the Defender portal, ' +
        'or the device groups that it covers, must allow it. Request id guid-403.',
    );
  });

  it('never goes by a token that was given to the application itself', async () => {
    const tokens = tokensOf(jwtWith({ roles: ['Alert.Read.All'] }));
    const { server, get } = await startDefender([json(200, '{}')], { tokens, kind: 'person' });
    await expect(get()).rejects.toMatchObject({ code: 'person_not_permitted', httpStatus: 403 });
    expect(server.requests).toEqual([]);
  });

  it('whom Defender refuses is told so also when the token cannot be looked into', async () => {
    const { get } = await startDefender([forbidden], { tokens: tokensOf('opaque'), kind: 'person' });
    const failure = await failureOf(get());
    expect(failure).toMatchObject({ code: 'person_not_permitted', httpStatus: 403 });
    expect(failure.message).toContain('WindowsDefenderATP refused it for this person; their role');
    expect(failure.message).toContain('consented to the delegated permission Alert.Read. ');
  });
});

describe('the app itself', () => {
  it('is judged by its roles, also when the token has scopes besides', async () => {
    const tokens = tokensOf(jwtWith({ scp: 'user_impersonation', roles: ['Alert.Read.All'] }));
    const { server, get } = await startDefender([json(200, '{}')], { tokens, kind: 'application' });
    expect(await get()).toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('an error answer', () => {
  const HTML = '<html><head><title>502 Bad Gateway</title></head><body>secret-of-the-proxy</body></html>';
  const fail = async (answer: Answer) => {
    const { get } = await startDefender([answer]);
    return await failureOf(get());
  };

  it('in the documented form gives its code, and its target as the request id', async () => {
    const body = { error: { code: 'ODataError', message: 'free text', target: '5c8c-guid' } };
    expect(await fail(json(400, body))).toMatchObject({
      serviceStatus: 400,
      serviceCode: 'ODataError',
      requestId: '5c8c-guid',
      retryable: false,
    });
  });

  it.each(['request-id', 'x-ms-request-id'])('gives the request id of the header %s first', async (name) => {
    const body = { error: { code: 'InternalServerError', target: 'from-the-body' } };
    const failure = await fail(json(500, body, { [name]: 'from-the-header' }));
    expect(failure).toMatchObject({ requestId: 'from-the-header', retryable: true });
    expect(failure.message).toContain('A support case needs the request id from-the-header.');
  });

  it.each([
    ['HTML', plain(502, HTML, { 'content-type': 'text/html' })],
    ['nothing', plain(502)],
    ['JSON of another form', json(502, { message: 'x' })],
    ['null', json(502, 'null')],
    ['a bare text', json(502, '"x"')],
    ['a list', json(502, '[]')],
    ['an empty error', json(502, { error: null })],
    ['a code that is none', json(502, { error: { code: { a: 1 }, target: ['x'] } })],
    ['a code with text in it', json(502, { error: { code: 'see\nhttps://evil.example', target: 'a b' } })],
  ])('whose body is %s still gives the status, and nothing of the body', async (_case, answer) => {
    const failure = await fail(answer);
    expect(failure).toBeInstanceOf(DefenderHttpError);
    expect(failure).toMatchObject({
      serviceStatus: 502,
      serviceCode: 'without a code',
      requestId: undefined,
    });
    expect(failure.message).toBe(
      'Read alerts: Defender answered 502 without a code. A support case needs the request id (none was given).',
    );
  });

  it('without end is not read to its end', async () => {
    const failure = await fail(async (response) => {
      response.writeHead(500);
      while (!response.destroyed) {
        response.write('x'.repeat(64 * 1024));
        await delay(1);
      }
    });
    expect(failure).toMatchObject({ serviceStatus: 500, serviceCode: 'without a code' });
  });

  it('whose body stalls still gives the status in time', async () => {
    const { get } = await startDefender(
      [
        (response) => {
          response.writeHead(500).write('{"error":');
        },
      ],
      { requestTimeoutMs: 100 },
    );
    await expect(get()).rejects.toMatchObject({ serviceStatus: 500, serviceCode: 'without a code' });
  });

  it.each([
    ['30', 30_000],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
  ])('that throttles says with Retry-After: %s how long to wait', async (retryAfter, expected) => {
    // A real body: https://github.com/MicrosoftDocs/microsoft-365-docs/issues/4616
    const body = {
      error: { code: '429', message: 'API calls quota exceeded! maximum allowed 45 per 00:01:00' },
    };
    const headers = { 'retry-after': retryAfter, date: 'Sat, 21 Nov 2026 12:00:00 GMT' };
    expect(await fail(json(429, body, headers))).toMatchObject({
      isThrottled: true,
      retryable: true,
      retryAfterMs: expected,
      serviceCode: '429',
    });
  });

  it('that throttles without Retry-After leaves the wait to the caller', async () => {
    const failure = await fail(plain(429));
    expect(failure).toMatchObject({ isThrottled: true, retryAfterMs: undefined });
  });

  it.each([301, 302, 307, 308])('%i does not take the token anywhere else', async (status) => {
    const elsewhere = await startServer(json(200, '{"value":[]}'));
    const failure = await fail(plain(status, '', { location: `${elsewhere.url}/api/alerts` }));
    expect(failure).toMatchObject({ code: 'defender_http_error', serviceStatus: status, retryable: false });
    expect(elsewhere.requests).toEqual([]);
  });
});

describe('no answer', () => {
  it('is told when nothing listens there', async () => {
    const { server, get } = await startDefender([]);
    await server.close();
    await expect(get()).rejects.toMatchObject({
      code: 'defender_unreachable',
      retryable: true,
      message: 'Read alerts: Defender gave no answer (ECONNREFUSED). Check the network and DEFENDER_API_URL.',
    });
  });

  it('is told when the connection is dropped', async () => {
    const { get } = await startDefender([hangUp]);
    await expect(get()).rejects.toMatchObject({
      code: 'defender_unreachable',
      message: expect.stringContaining('UND_ERR_SOCKET') as string,
    });
  });

  it('is told when the answer does not begin in time', async () => {
    const { get } = await startDefender([keepSilent], { requestTimeoutMs: 100 });
    await expect(get()).rejects.toMatchObject({
      code: 'defender_unreachable',
      message: 'Read alerts: Defender gave no answer (timed out). Check the network and DEFENDER_API_URL.',
    });
  });
});

describe('an answer that breaks off', () => {
  const beginning: Answer = (response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"value":[');
  };

  it('is told when the connection is dropped in the middle', async () => {
    const { get } = await startDefender([
      async (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"value":[');
        await delay(20);
        response.destroy();
      },
    ]);
    await expect(textOf(await get())).rejects.toMatchObject({
      code: 'defender_unreachable',
      retryable: true,
    });
  });

  it('is told when the next piece does not come in time', async () => {
    const { get } = await startDefender([beginning], { requestTimeoutMs: 100 });
    await expect(textOf(await get())).rejects.toMatchObject({
      code: 'defender_unreachable',
      message: expect.stringContaining('timed out') as string,
    });
  });

  it('is not told of a body that only comes slowly, piece by piece', async () => {
    const { get } = await startDefender(
      [
        async (response) => {
          response.writeHead(200);
          for (let piece = 0; piece < 6; piece += 1) {
            response.write('x');
            await delay(80);
          }
          response.end();
        },
      ],
      { requestTimeoutMs: 300 },
    );
    expect(await textOf(await get())).toBe('xxxxxx');
  });

  it('is not told of a caller who works long on each piece', async () => {
    const { get } = await startDefender(
      [
        async (response) => {
          response.writeHead(200).write('a');
          await delay(10);
          response.end('b');
        },
      ],
      { requestTimeoutMs: 150 },
    );
    let text = '';
    for await (const piece of (await get()).body) {
      text += Buffer.from(piece).toString();
      await delay(250);
    }
    expect(text).toBe('ab');
  });

  it('is not told of a caller who begins to read late', async () => {
    const { get } = await startDefender([json(200, '{}')], { requestTimeoutMs: 150 });
    const answer = await get();
    await delay(250);
    expect(await textOf(answer)).toBe('{}');
  });

  it('closes the connection when the caller stops reading', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<undefined>();
    const { get } = await startDefender([
      (response) => {
        response.once('close', () => {
          resolve(undefined);
        });
        response.writeHead(200).write('x');
      },
    ]);
    for await (const piece of (await get()).body) {
      expect(piece).toHaveLength(1);
      break;
    }
    await closed;
  });
});

describe("the caller's signal", () => {
  const reason = new Error('the run is over');

  it('ends a call that waits for its answer, with the reason', async () => {
    const controller = new AbortController();
    const { get } = await startDefender([
      () => {
        controller.abort(reason);
      },
    ]);
    await expect(get({ signal: controller.signal })).rejects.toBe(reason);
  });

  it('ends a body that is being read, with the reason', async () => {
    const controller = new AbortController();
    const { get } = await startDefender([
      (response) => {
        response.writeHead(200).write('x');
        setTimeout(() => {
          controller.abort(reason);
        }, 20);
      },
    ]);
    const answer = await get({ signal: controller.signal });
    await expect(textOf(answer)).rejects.toBe(reason);
  });

  it('ends the reading of an error body, with the reason', async () => {
    const controller = new AbortController();
    const { get } = await startDefender([
      (response) => {
        response.writeHead(500).write('{"error":');
        setTimeout(() => {
          controller.abort(reason);
        }, 20);
      },
    ]);
    await expect(get({ signal: controller.signal })).rejects.toBe(reason);
  });

  it('sends nothing when it had been aborted before', async () => {
    const { server, get } = await startDefender([json(200, {})]);
    await expect(get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });
});

describe('the token', () => {
  const token = jwtWith({ roles: ['Alert.Read.All'], marker: 'top-secret-token' });
  const answers: [string, Answer[]][] = [
    ['401', [unauthorized]],
    ['403', [plain(403)]],
    ['429', [plain(429)]],
    ['500', [plain(500)]],
    ['302', [plain(302, '', { location: 'http://127.0.0.1:1/' })]],
    [
      'an echo of the request',
      [(response, { headers }) => void response.writeHead(400).end(headers.authorization)],
    ],
    ['a hang-up', [hangUp]],
    ['silence', [keepSilent]],
  ];

  it.each(answers)('is in no part of the error after %s', async (_case, script) => {
    const { get } = await startDefender(script, { tokens: tokensOf(token), requestTimeoutMs: 200 });
    const failure = await failureOf(get());
    const shown = [failure.message, failure.stack, JSON.stringify(failure)].join('\n');
    for (const part of token.split('.').slice(1)) expect(shown).not.toContain(part);
  });

  it('is in no message either when it cannot even be sent', async () => {
    const { get } = await startDefender([json(200, {})], { tokens: tokensOf('broken\ntop-secret-token') });
    const failure = await failureOf(get());
    expect(failure).toMatchObject({ code: 'defender_unreachable' });
    expect([failure.message, failure.stack, JSON.stringify(failure)].join('\n')).not.toContain('top-secret');
  });
});
