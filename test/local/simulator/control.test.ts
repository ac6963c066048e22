import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

const text = async (where: string): Promise<string> => (await simulator.get(where)).text;

describe('Control adds alerts', () => {
  it('with given fields over the generated ones: null, unknown names and raw JSON text', async () => {
    await simulator.control('POST', '/alerts', {
      id: 'given',
      severity: null,
      newProperty: { nested: [1] },
      incidentId: { raw: '123456789012345678901234567890' },
      investigationId: { raw: '1e400' },
    });
    const body = await text("/api/alerts?$filter=id eq 'given'");
    expect(body).toContain('"severity":null');
    expect(body).toContain('"newProperty":{"nested":[1]}');
    expect(body).toContain('"incidentId":123456789012345678901234567890');
    expect(body).toContain('"investigationId":1e400');
    const byNumber = await simulator.list({ $filter: 'incidentId eq 123456789012345678901234567890' });
    expect(byNumber).toHaveLength(1);
  });

  it('whose whole text is given, also when it is not JSON', async () => {
    await simulator.control('POST', '/alerts', {
      raw: '{"id":"raw",,}',
      lastUpdateTime: '2026-07-01T00:00:00Z',
    });
    const body = await text('/api/alerts?$filter=lastUpdateTime eq 2026-07-01T00:00:00Z');
    expect(body).toContain('"value":[{"id":"raw",,}]');
  });

  it('without an id or an update time', async () => {
    const { alerts } = await simulator.control('POST', '/alerts', { id: null, lastUpdateTime: null });
    const [{ id: key } = { id: '' }] = alerts as { id: string }[];
    expect((await simulator.get(`/api/alerts/${key}`)).json).toMatchObject({
      id: null,
      lastUpdateTime: null,
    });
  });

  it('many at once with the same timestamp and a mark in the title', async () => {
    const lastUpdateTime = '2026-07-02T00:00:00.1Z';
    const { alerts } = await simulator.control('POST', '/alerts', {
      count: 500,
      lastUpdateTime,
      titleContains: 'burst',
    });
    expect(new Set((alerts as { id: string }[]).map(({ id }) => id)).size).toBe(500);
    const found = await simulator.list({ $filter: `lastUpdateTime eq ${lastUpdateTime}` });
    expect(found).toHaveLength(500);
    expect(found.every(({ title }) => String(title).endsWith('(burst)'))).toBe(true);
  });
});

describe('Control changes alerts', () => {
  it('moving lastUpdateTime to the clock and keeping everything else', async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-08-01T00:00:00.5Z' });
    await simulator.control('POST', '/alerts', {
      id: 'changed',
      lastUpdateTime: '2026-07-31T00:00:00Z',
      evidenceItems: 3,
    });
    const version = await simulator.control('PATCH', '/alerts/changed', { status: 'Resolved' });
    expect(version).toEqual({ id: 'changed', lastUpdateTime: '2026-08-01T00:00:00.5Z' });
    const { json } = await simulator.get('/api/alerts/changed', await simulator.getToken());
    expect(json).toMatchObject({ status: 'Resolved', lastUpdateTime: '2026-08-01T00:00:00.5Z' });
    expect(json.evidence).toHaveLength(3);
    // A second change at the same instant must still be a new version.
    const next = await simulator.control('PATCH', '/alerts/changed', { status: 'New' });
    expect(next.lastUpdateTime).toBe('2026-08-01T00:00:00.5033333Z');
    await simulator.control('POST', '/clock', { reset: true });
  });

  it('showing the old version until a held-back one is indexed', async () => {
    await simulator.control('POST', '/clock', { freezeAt: '2026-08-02T00:00:00Z' });
    const token = await simulator.getToken();
    await simulator.control('POST', '/alerts', { id: 'held', status: 'New' });
    await simulator.control('PATCH', '/alerts/held', { status: 'Resolved', heldBackSeconds: 60 });
    const status = async (): Promise<unknown> => (await simulator.get('/api/alerts/held', token)).json.status;
    expect(await status()).toBe('New');
    const { alerts } = await simulator.control('GET', '/alerts');
    expect((alerts as { id: string }[]).find(({ id }) => id === 'held')).toMatchObject({
      visible: false,
      visibleAt: '2026-08-02T00:01:00Z',
    });
    await simulator.control('POST', '/clock', { advanceSeconds: 60 });
    expect(await status()).toBe('Resolved');
    await simulator.control('POST', '/clock', { reset: true });
  });
});

describe('Control lists', () => {
  it('its calls at /', async () => {
    const { calls } = await simulator.control('GET', '/');
    expect(calls).toContainEqual({ call: 'POST /faults', does: expect.any(String) as unknown });
  });

  it('the requests that services received, with who sent them, and no token or secret', async () => {
    await simulator.control('DELETE', '/requests');
    const secret = await simulator.readSecret();
    const token = await simulator.getToken();
    await simulator.get('/api/alerts?%24top=1', token);
    const reply = await simulator.tryControl('GET', '/requests?service=defender');
    expect(reply.json.requests).toEqual([
      {
        service: 'defender',
        time: expect.any(String) as unknown,
        method: 'GET',
        path: '/api/alerts',
        query: '$top=1',
        tenant: simulator.company.tenantId,
        status: 200,
        principal: simulator.company.defenderClientId,
        fault: null,
      },
    ]);
    const all = (await simulator.tryControl('GET', '/requests')).text;
    for (const planted of [secret, token, simulator.identityHeader]) expect(all).not.toContain(planted);
  });

  it('principals without the values of their secrets', async () => {
    const secret = await simulator.readSecret();
    const { text: body } = await simulator.tryControl('GET', '/entra/principals');
    expect(body).toContain('defender-functions-app');
    expect(body).not.toContain(secret);
  });
});

describe('Control refuses', () => {
  it.each([
    ['POST', '/alerts', 'not json', 'The body is not JSON'],
    ['POST', '/alerts', { count: 0 }, "'count'"],
    ['POST', '/alerts', { count: 2, id: 'x' }, "'id' and 'count'"],
    ['POST', '/alerts', { visibleAt: 'tomorrow' }, "'visibleAt'"],
    ['POST', '/alerts', { visibleAt: '2026-01-01T00:00:00Z', heldBackSeconds: 1 }, 'exclude each other'],
    ['POST', '/alerts', 'null', 'must be an object'],
    ['POST', '/faults', { effect: { status: 500 } }, "'service' is missing"],
    ['POST', '/faults', { service: 'mail', effect: { status: 500 } }, "'service' in the body must be one of"],
    ['POST', '/faults', { service: 'entra' }, "'effect' is missing"],
    ['POST', '/faults', { service: 'entra', effect: {} }, "'effect' must have one of"],
    ['POST', '/faults', { service: 'entra', effect: { status: 99 } }, "'status'"],
    ['POST', '/faults', { service: 'entra', effect: { status: 500, delayMs: 1 } }, "'delayMs' is not known"],
    [
      'POST',
      '/faults',
      { service: 'entra', effect: { partial: true } },
      'only for the services defender and graph',
    ],
    ['POST', '/faults', { service: 'entra', effect: { html: false } }, "'html' must be true"],
    [
      'POST',
      '/faults',
      { service: 'defender', effect: { html: true }, match: { filterOverlaps: {} } },
      "'from'",
    ],
    ['POST', '/faults', { service: 'entra', effect: { html: true }, often: 2 }, "'often' is not known"],
    ['POST', '/clock', {}, 'exactly one'],
    ['POST', '/clock', { offsetSeconds: 1, reset: true }, 'exactly one'],
    ['POST', '/clock', { freezeAt: 'noon' }, "'freezeAt'"],
    ['POST', '/limits', { perMinute: -1 }, "'perMinute'"],
    ['POST', '/arrivals', {}, 'meanSeconds'],
    [
      'POST',
      '/entra/roles',
      { resource: 'WindowsDefenderATP', role: 'Alert.Delete.All' },
      'no application role',
    ],
    ['POST', '/entra/roles', { resource: 'Nothing', role: 'x' }, 'no resource'],
    ['POST', '/entra/token-lifetime', {}, "'seconds' is missing"],
    ['POST', '/keyvault/secrets/with_underscore', { value: 'x' }, 'no secret name'],
    ['POST', '/keyvault/secrets/x', {}, "'value'"],
    ['GET', '/requests?service=mail', undefined, "'service'"],
  ])('%s %s %j by 400 with the reason', async (method, where, body, reason) => {
    const reply = await simulator.tryControl(method, where, body);
    expect([reply.status, reply.json.error]).toEqual([400, expect.stringContaining(reason)]);
  });

  it.each([
    ['GET', '/nothing', 404],
    ['PATCH', '/alerts/nobody', 404],
    ['DELETE', '/clock', 405],
    ['POST', '/entra/secrets/expire', 404],
  ])('%s %s by %s', async (method, where, status) => {
    const body = where === '/entra/secrets/expire' ? { keyId: 'none' } : {};
    const reply = await simulator.tryControl(method, where, method === 'GET' ? undefined : body);
    expect(reply.status).toBe(status);
  });
});
