import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, type Reply } from './support/Api.ts';
import { Customers } from './support/Customers.ts';
import { Devices } from './support/Devices.ts';
import { System, until, type Functions } from './support/System.ts';

let system: System;
let functions: Functions;
let api: Api;
let devices: Devices;

beforeAll(async () => {
  system = await System.start();
  functions = await startFor({});
  api = new Api(system, functions.host.url);
  devices = new Devices(system);
});
afterAll(async () => {
  await system.stop();
});

function startFor(settings: Record<string, string>): Promise<Functions> {
  return system.startFunctions({ OPERATION_POLL_INTERVAL: 'PT1S', ...settings });
}

/** A token of a person of the company with roles in the functions' own API. */
const signIn = (user: string, more: Record<string, unknown> = {}): Promise<string> =>
  api.createToken({ user, roles: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt'], ...more });

async function addDevice(properties: Record<string, unknown> = {}): Promise<string> {
  const { id } = await devices.add(properties);
  await devices.decide({ match: { machineId: id }, pendingSeconds: 0, runSeconds: 0 });
  return id;
}

async function isolateAs(token: string, device: string): Promise<Reply> {
  const accepted = await api.act('isolate', device, { token });
  if (accepted.status !== 202) return accepted;
  const path = `/api/operations/${String(accepted.body.id)}`;
  return await until(async () => {
    const reply = await api.call('GET', path, { token });
    return ['NotStarted', 'Running'].includes(String(reply.body.status)) ? undefined : reply;
  });
}

const requestorOf = async (device: string): Promise<unknown> =>
  ((await devices.actionsOf(device)) as unknown as { requestor: string }[])[0]?.requestor;

describe.each([
  ['by the identity', { ON_BEHALF_OF_CREDENTIAL: 'federated' }],
  ['by a secret', { ON_BEHALF_OF_CREDENTIAL: 'clientSecret' }],
  ['by a certificate', { ON_BEHALF_OF_CREDENTIAL: 'clientCertificate' }],
])('people, where the API registration proves itself %s', (_name, settings) => {
  it('isolate, hunt and read on their own behalf, and the audit of Defender shows them', async () => {
    const { host } = await startFor(settings);
    const own = new Api(system, host.url);
    const token = await signIn('analyst');
    const device = await addDevice();
    const accepted = await own.act('isolate', device, { token });
    expect(accepted.status).toBe(202);
    expect(await requestorOf(device)).toMatch(/@/);
    for (const path of ['/api/alerts', '/api/incidents', '/api/devices?name=nobody.example']) {
      const reply = await own.call('GET', path, { token });
      expect([path, reply.status]).toEqual([path, 200]);
    }
    const hunt = await own.call('POST', '/api/hunts', { token, body: { query: 'DeviceInfo | take 1' } });
    expect(hunt.status).toBe(200);
  });
});

describe('hunts of people', () => {
  it.each(['graph', 'endpoint', 'xdr'])('run through %s on their behalf', async (api) => {
    const { host } = await startFor({ HUNTING_API: api });
    const own = new Api(system, host.url);
    const hunt = async (user: string) =>
      await own.call('POST', '/api/hunts', {
        token: await signIn(user),
        body: { query: 'DeviceInfo | take 1' },
      });
    expect(await hunt('analyst')).toMatchObject({ status: 200, body: { rowCount: 1 } });
    const refused = await hunt('newcomer');
    expect([refused.status, codeOf(refused)]).toEqual([403, 'person_not_permitted']);
  });
});

describe('the role of a person in Defender', () => {
  it('lets an analyst isolate to the true end', async () => {
    const device = await addDevice();
    const end = await isolateAs(await signIn('analyst'), device);
    expect(end.body).toMatchObject({ status: 'Succeeded', caller: { kind: 'person' } });
    expect(await devices.isIsolated(device)).toBe(true);
  });

  it('lets a reader look, and nothing more, though the app itself could', async () => {
    const device = await addDevice();
    const token = await signIn('reader');
    expect((await api.call('GET', '/api/alerts', { token })).status).toBe(200);
    const end = await isolateAs(token, device);
    expect(end.body).toMatchObject({ status: 'Failed', error: { code: 'person_not_permitted' } });
    expect(await devices.actionsOf(device)).toEqual([]);
  });

  it.each([
    ['GET', '/api/alerts'],
    ['GET', '/api/incidents'],
    ['GET', '/api/devices?name=test.example'],
    ['POST', '/api/hunts'],
    ['POST', '/api/devices/DEVICE/isolate'],
    ['POST', '/api/devices/DEVICE/release'],
  ])('refuses somebody without one everywhere: %s %s', async (method, path) => {
    const device = await addDevice();
    const body = path.endsWith('hunts') ? { query: 'DeviceInfo' } : { comment: 'x' };
    const reply = await api.call(method, path.replace('DEVICE', device), {
      token: await signIn('newcomer'),
      ...(method === 'POST' ? { body, headers: { 'idempotency-key': device } } : {}),
    });
    expect([reply.status, codeOf(reply)]).toEqual([403, 'person_not_permitted']);
    expect(await devices.actionsOf(device)).toEqual([]);
  });

  it('hides the devices of other groups', async () => {
    await system.control('POST', '/defender/roles', {
      user: 'administrator',
      permissions: ['View data', 'Alerts investigation', 'Active remediation actions'],
      deviceGroups: ['North'],
    });
    const token = await signIn('administrator');
    const elsewhere = await addDevice({ rbacGroupName: 'South' });
    const refused = await api.act('isolate', elsewhere, { token });
    expect([refused.status, codeOf(refused)]).toEqual([404, 'device_not_found']);
    const within = await addDevice({ rbacGroupName: 'North' });
    expect((await isolateAs(token, within)).body).toMatchObject({ status: 'Succeeded' });
  });
});

describe('what Entra refuses a person', () => {
  afterEach(async () => {
    await system.control('DELETE', '/entra/conditional-access');
  });

  it('a scope that nobody consented to is named, and the app does not act instead', async () => {
    const scope = {
      principal: 'defender-functions-api',
      resource: 'Microsoft Graph',
      scope: 'ThreatHunting.Read.All',
    };
    await system.control('POST', '/entra/scopes', { ...scope, granted: false });
    const token = await signIn('analyst');
    const reply = await api.call('POST', '/api/hunts', { token, body: { query: 'DeviceInfo' } });
    await system.control('POST', '/entra/scopes', { ...scope, granted: true });
    expect(reply.status).toBe(403);
    expect(['person_not_permitted', 'on_behalf_of_refused']).toContain(codeOf(reply));
    expect(String(reply.body.detail)).toMatch(/consent/);
  });

  it.each([
    ['multifactor', 50076],
    ['block', 53003],
  ])('%s: 403 with AADSTS%i, what to do, and the claims challenge', async (demand, aadsts) => {
    await system.control('POST', '/entra/conditional-access', { demand, resource: 'WindowsDefenderATP' });
    const device = await addDevice();
    const refused = await api.act('isolate', device, { token: await signIn('analyst') });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'on_behalf_of_refused']);
    expect(refused.body).toMatchObject({ aadsts, claims: expect.stringContaining('{') as string });
    const header = refused.headers.get('www-authenticate') ?? '';
    const claims = /error="insufficient_claims", claims="([^"]+)"/.exec(header)?.[1] ?? '';
    expect(Buffer.from(claims, 'base64').toString('utf8')).toBe(refused.body.claims);
    expect(await devices.posts()).not.toContain(`/api/machines/${device}/isolate`);
  });

  it('lets them in once they signed in as the challenge asks', async () => {
    await system.control('POST', '/entra/conditional-access', { demand: 'multifactor' });
    const device = await addDevice();
    const end = await isolateAs(await signIn('analyst', { multifactor: true }), device);
    expect(end.body).toMatchObject({ status: 'Succeeded' });
  });
});

describe('settings for people', () => {
  it('PERSON_REQUIRED_FOR keeps applications from the verbs it names', async () => {
    const { host } = await startFor({ PERSON_REQUIRED_FOR: 'isolate,hunt' });
    const own = new Api(system, host.url);
    const device = await addDevice();
    const isolation = await own.act('isolate', device);
    expect([isolation.status, codeOf(isolation)]).toEqual([403, 'person_required']);
    const hunt = await own.call('POST', '/api/hunts', { as: 'hunters', body: { query: 'DeviceInfo' } });
    expect([hunt.status, codeOf(hunt)]).toEqual([403, 'person_required']);
    expect((await own.act('release', device)).status).toBe(202);
    expect((await own.act('isolate', device, { token: await signIn('analyst') })).status).toBe(202);
  });

  it('people are refused where nothing can be done on their behalf', async () => {
    const { host } = await startFor({ ON_BEHALF_OF_CREDENTIAL: 'off' });
    const refused = await new Api(system, host.url).act('isolate', await addDevice(), {
      token: await signIn('analyst'),
    });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'on_behalf_of_off']);
  });

  it('a person does not act in a tenant where they did not sign in', async () => {
    const customers = await Customers.open(system);
    const [customer] = await customers.add(1, true);
    await customers.list({ [customer?.id ?? '']: 'Contoso' });
    await customers.close();
    const { host } = await startFor({});
    const own = new Api(system, host.url);
    const token = await signIn('analyst');
    for (const [tenant, outcome] of [
      ['Contoso', [403, 'person_elsewhere']],
      ['nobody', [404, 'tenant_not_found']],
    ] as const) {
      const refused = await own.call('GET', `/api/alerts?tenant=${tenant}`, { token });
      expect([refused.status, codeOf(refused)]).toEqual(outcome);
    }
  });
});
