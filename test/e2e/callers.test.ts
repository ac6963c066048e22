import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, type Reply } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { System } from './support/System.ts';

let system: System;
let api: Api;
let devices: Devices;
let device: string;
beforeAll(async () => {
  system = await System.start();
  api = new Api(system, (await system.startFunctions()).host.url);
  devices = new Devices(system);
  device = (await devices.add()).id;
});
afterAll(async () => {
  await system.stop();
});

const calls: readonly (readonly [method: string, path: string, role: string])[] = [
  ['POST', '/api/devices/DEVICE/isolate', 'Defender.Respond'],
  ['POST', '/api/devices/DEVICE/release', 'Defender.Respond'],
  ['GET', '/api/devices?name=x.example', 'Defender.Read'],
  ['GET', '/api/operations', 'Defender.Read'],
  ['GET', '/api/operations/0123456789abcdef0123456789abcdef', 'Defender.Read'],
  ['GET', '/api/operations/0123456789abcdef0123456789abcdef/result', 'Defender.Read'],
  ['POST', '/api/hunts', 'Defender.Hunt'],
  ['GET', '/api/openapi.json', 'Defender.Read'],
];

async function call(method: string, path: string, token?: string): Promise<Reply> {
  const body = path.endsWith('hunts') ? { query: 'DeviceInfo' } : { comment: 'x' };
  return await api.call(method, path.replace('DEVICE', device), {
    ...(token === undefined ? {} : { token }),
    ...(method === 'POST' ? { body } : {}),
    headers: { 'idempotency-key': 'callers' },
  });
}

async function expectRefusal(reply: Reply, status: number, code: string): Promise<void> {
  expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  expect(reply.headers.get('x-ms-error-code')).toBe(code);
  expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer realm="defender-functions"/);
  expect(reply.headers.get('content-type')).toContain('application/problem+json');
  expect(await devices.posts()).toEqual([]);
}

describe.each(calls)('%s %s', (method, path, role) => {
  it('refuses a caller without a token', async () => {
    await expectRefusal(await call(method, path), 401, 'caller_unauthenticated');
  });

  it(`refuses a token without the role, and names ${role}`, async () => {
    const token = await api.createToken({
      application: 'stranger',
      roles: ['Defender.Nothing', `${role}.All`],
    });
    const reply = await call(method, path, token);
    await expectRefusal(reply, 403, 'caller_role_missing');
    expect(String(reply.body.detail)).toContain(role);
  });

  it('lets in an application and a person with the role', async () => {
    for (const wish of [{ application: 'stranger' }, { user: 'analyst' }]) {
      const token = await api.createToken({ ...wish, roles: [role] });
      const reply = await api.call(method, path.replace('DEVICE', 'no-such-device'), {
        token,
        ...(method === 'POST' ? { body: { wrong: true } } : {}),
      });
      expect([401, 403]).not.toContain(reply.status);
    }
  });
});

describe('a token', () => {
  const path = '/api/devices/DEVICE/isolate';

  it.each<[string, Record<string, unknown>]>([
    ['that has expired', { expiresInSeconds: -600 }],
    ['that is not valid yet', { notBeforeInSeconds: 600 }],
    ['for another audience', { audience: 'https://api.securitycenter.microsoft.com' }],
    ['of another issuer', { issuer: 'https://login.example/tenant/v2.0' }],
    ['of another tenant', { tenantId: '11111111-2222-3333-4444-555555555555' }],
    ['that says another tenant', { claims: { tid: '11111111-2222-3333-4444-555555555555' } }],
    ['that says no tenant', { claims: { tid: null } }],
    ['that never ends', { claims: { exp: null } }],
    ['without an application', { claims: { azp: null, appid: null } }],
    ['signed with a key that was never published', { sign: 'unpublishedKey' }],
    ['that is not signed', { sign: 'none' }],
    ['signed with the public key as a secret', { sign: 'hs256PublicKey' }],
    ['signed with another algorithm', { sign: 'es256' }],
    ['with a key id that does not exist', { kid: 'no-such-key' }],
    ['without a key id', { kid: null }],
  ])('%s is refused', async (_name, wish) => {
    const token = await api.createToken({ application: 'playbooks', ...wish });
    await expectRefusal(await call('POST', path, token), 401, 'caller_unauthenticated');
  });

  it('that was changed is refused', async () => {
    const [head = '', , signature = ''] = (await api.tokenOf('reports')).split('.');
    const [, claims = ''] = (await api.tokenOf('playbooks')).split('.');
    await expectRefusal(
      await call('POST', path, `${head}.${claims}.${signature}`),
      401,
      'caller_unauthenticated',
    );
  });

  it.each([1, 2])('of version %i is taken', async (version) => {
    const token = await api.createToken({ application: 'playbooks', version });
    expect((await call('GET', '/api/operations', token)).status).toBe(200);
  });

  it('is taken after the keys were rotated, at once', async () => {
    await system.control('POST', '/entra/signing-keys/rotate', { retirePrevious: false });
    const token = await api.createToken({ application: 'playbooks' });
    expect((await call('GET', '/api/operations', token)).status).toBe(200);
  });
});

describe('other ways to let callers in', () => {
  it('only the applications on the list may call', async () => {
    const { playbooks } = system.simulator.company.callerClientIds;
    const limited = new Api(
      system,
      (await system.startFunctions({ CALLER_ALLOWED_APPS: playbooks.toUpperCase() })).host.url,
    );
    expect((await limited.get('/api/operations', 'playbooks')).status).toBe(200);
    const refused = await limited.get('/api/operations', 'reports');
    await expectRefusal(refused, 403, 'caller_not_allowed');
  });

  it('with function keys the host checks the key, and the log warns', async () => {
    const keyed = new Api(
      system,
      (
        await system.startFunctions({
          CALLER_AUTH: 'functionKey',
          LOCAL_HOST_FUNCTION_KEY: 'CANARY-function-key',
        })
      ).host.url,
    );
    expect((await keyed.call('GET', '/api/operations')).status).toBe(401);
    const headers = { 'x-functions-key': 'CANARY-function-key' };
    expect((await keyed.call('GET', '/api/operations', { headers })).status).toBe(200);
    expect((await keyed.call('GET', '/api/operations?code=CANARY-function-key')).status).toBe(200);
    expect((await keyed.call('GET', '/api/health')).status).toBe(200);
    expect(system.log.some((line) => line.includes('event=caller_unverified'))).toBe(true);
  });

  it('without settings for callers nobody is let in, and nobody is told why but the log', async () => {
    const unset = new Api(system, (await system.startFunctions({ CALLER_AUDIENCE: '' })).host.url);
    const reply = await unset.get('/api/operations');
    expect([reply.status, codeOf(reply)]).toEqual([503, 'settings_invalid']);
    expect(JSON.stringify(reply.body)).not.toContain('CALLER_AUDIENCE');
    expect(system.log.some((line) => line.includes('CALLER_AUDIENCE is missing'))).toBe(true);
  });
});

describe('health', () => {
  it('is open, and says more to a caller with a role', async () => {
    const open = await api.call('GET', '/api/health');
    expect([open.status, Object.keys(open.body)]).toEqual([200, ['status']]);
    const detailed = await api.get('/api/health', 'reports');
    expect(detailed.body).toMatchObject({ poisonMessages: 0, credential: 'ok', actionsPaused: false });
    expect(Object.keys((await api.get('/api/health', 'stranger')).body)).toEqual(['status']);
    const forged = await api.createToken({ application: 'playbooks', sign: 'none' });
    expect((await api.call('GET', '/api/health', { token: forged })).status).toBe(401);
  });
});
