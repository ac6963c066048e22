import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf, signInApplication, type Caller } from './signInAs.ts';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

const tenant = '8f3c2a10-5b7d-4e96-a1c8-0d2e4f6a8b91';
const domain = 'fabrikam.example';

let simulator: TestSimulator;
let home: Caller;
let other: Caller;
beforeAll(async () => {
  simulator = await startTestSimulator({ history: 5 });
  const displayName = 'Fabrikam';
  await simulator.control('POST', '/entra/tenants', { id: tenant, domain, displayName, consent: true });
  home = signInApplication(simulator);
  other = signInApplication(simulator, tenant);
});
afterAll(() => simulator.stop());
afterEach(async () => {
  await simulator.control('DELETE', '/faults');
  await simulator.control('POST', '/limits', {});
  await simulator.control('DELETE', `/alerts?tenant=${tenant}`);
});

const idsOf = async (caller: Caller, path: string): Promise<unknown[]> =>
  recordsOf(await caller.get('endpoint', path)).map(({ id }) => id);

describe('Each tenant', () => {
  it('has machines of its own, which no other knows', async () => {
    const machines = await idsOf(other, '/api/machines');
    expect(machines.length).toBeGreaterThan(5);
    const known = await idsOf(home, '/api/machines');
    expect(machines.filter((id) => known.includes(id))).toEqual([]);
    expect((await home.get('endpoint', `/api/machines/${String(machines[0])}`)).status).toBe(404);
    const named = recordsOf(await other.get('endpoint', '/api/machines'));
    expect(named.some(({ computerDnsName }) => String(computerDnsName).endsWith(`.corp.${domain}`))).toBe(
      true,
    );
  });

  it('has alerts of its own, none at first', async () => {
    expect(await idsOf(other, '/api/alerts')).toEqual([]);
    await simulator.control('POST', '/alerts', [
      { tenant, id: 'da1_1' },
      { tenant: domain, id: 'da1_2' },
    ]);
    expect((await idsOf(other, '/api/alerts')).sort()).toEqual(['da1_1', 'da1_2']);
    expect(recordsOf(await other.get('endpoint', '/api/alerts'))[0]?.aadTenantId).toBe(tenant);
    expect(await idsOf(home, '/api/alerts')).toHaveLength(5);
    expect((await home.get('graph', '/v1.0/security/alerts_v2/da1_1')).status).toBe(404);
    expect((await other.get('graph', '/v1.0/security/alerts_v2/da1_1')).status).toBe(200);
  });

  it('has incidents and changes of them of its own', async () => {
    await simulator.control('POST', '/alerts', [{ incidentId: 77 }, { tenant, incidentId: 77 }]);
    await simulator.control('PATCH', '/incidents/77', { tenant, assignedTo: 'eve@fabrikam.example' });
    const owner = async (caller: Caller): Promise<unknown> =>
      (await caller.get('xdr', '/api/incidents/77')).json.assignedTo;
    expect([await owner(home), await owner(other)]).toEqual([null, 'eve@fabrikam.example']);
  });

  it('has machine actions and rules for them of its own', async () => {
    const { machines } = await simulator.control('GET', `/machines?tenant=${tenant}`);
    const [machine] = machines as { id: string }[];
    const rule = { pendingSeconds: 0, runSeconds: 0 };
    await simulator.control('POST', '/machine-action-rules', { tenant, ...rule });
    const { status } = await other.post('endpoint', `/api/machines/${machine?.id ?? ''}/isolate`, {
      Comment: 'Test',
      IsolationType: 'Full',
    });
    expect(status).toBe(201);
    const { actions } = await simulator.control('GET', `/machine-actions?tenant=${tenant}`);
    expect(actions).toMatchObject([{ machineId: machine?.id, status: 'Succeeded' }]);
    expect((await simulator.control('GET', '/machine-actions')).actions).toEqual([]);
    expect((await simulator.control('GET', '/machine-action-rules')).rules).toEqual([]);
  });

  it('is hunted by itself', async () => {
    const rows = [{ DeviceName: 'added' }];
    await simulator.control('POST', '/hunting/rows', { tenant, table: 'DeviceEvents', rows });
    const hunt = async (caller: Caller, Query: string): Promise<unknown> =>
      (await caller.post('graph', '/v1.0/security/runHuntingQuery', { Query })).json.results;
    const count = 'DeviceEvents | count';
    expect([await hunt(home, count), await hunt(other, count)]).toEqual([[{ Count: 0 }], [{ Count: 1 }]]);
    const hosts = 'DeviceNetworkEvents | where RemoteUrl startswith "intranet" | distinct RemoteUrl';
    expect(await hunt(other, hosts)).toEqual([{ RemoteUrl: `intranet.corp.${domain}` }]);
  });

  it('has people with roles of their own', async () => {
    const user = '3d5e7f90-1a2b-4c3d-8e4f-5a6b7c8d9e0f';
    const permissions = ['View data'];
    const { roles } = await simulator.control('POST', '/defender/roles', { tenant, user, permissions });
    expect(roles).toMatchObject([{ objectId: user, permissions, deviceGroups: 'all' }]);
    const known = (await simulator.control('GET', '/defender/roles')).roles as { objectId: string }[];
    expect(known.some(({ objectId }) => objectId === user)).toBe(false);
  });

  it('has call limits of its own', async () => {
    await simulator.control('POST', '/limits', { perMinute: 1 });
    const statuses = [];
    for (const caller of [home, home, other, other])
      statuses.push((await caller.get('endpoint', '/api/alerts?$top=0')).status);
    expect(statuses).toEqual([200, 429, 200, 429]);
  });
});

describe('Control', () => {
  it('takes down one tenant only', async () => {
    await simulator.control('POST', '/faults', {
      service: 'defender',
      match: { tenant: domain },
      effect: { throttle: { retryAfter: 60 } },
    });
    expect((await other.get('endpoint', '/api/alerts')).status).toBe(429);
    expect((await home.get('endpoint', '/api/alerts')).status).toBe(200);
  });

  it('takes down Entra for one tenant only, by id or domain', async () => {
    await simulator.control('POST', '/faults', {
      service: 'entra',
      match: { tenant },
      effect: { status: 503 },
    });
    const discover = async (name: string): Promise<number> =>
      (await simulator.fetch(`${simulator.urls.entra}/${name}/v2.0/.well-known/openid-configuration`)).status;
    expect([await discover(tenant), await discover(domain)]).toEqual([503, 503]);
    expect(await discover(simulator.company.tenantId)).toBe(200);
  });

  it('finds an alert in the result of a tenant’s query', async () => {
    await simulator.control('POST', '/alerts', { tenant, id: 'da7_7' });
    await simulator.control('POST', '/faults', {
      service: 'defender',
      match: { alertInResult: 'da7_7' },
      effect: { status: 500 },
    });
    expect((await other.get('endpoint', '/api/alerts')).status).toBe(500);
    expect((await home.get('endpoint', '/api/alerts')).status).toBe(200);
  });

  it('lists the requests of one tenant', async () => {
    await Promise.all([home.get('endpoint', '/api/alerts'), other.get('endpoint', '/api/alerts')]);
    await simulator.control('DELETE', '/requests');
    await other.get('endpoint', '/api/alerts');
    await home.get('endpoint', '/api/machines');
    await simulator.fetch(`${simulator.urls.defender}/api/alerts`);
    const { requests } = await simulator.control('GET', `/requests?tenant=${domain}`);
    expect(requests).toMatchObject([{ path: '/api/alerts', tenant }]);
    const all = (await simulator.control('GET', '/requests')).requests as { tenant: string | null }[];
    expect(all.map((one) => one.tenant)).toEqual([tenant, simulator.company.tenantId, null]);
  });

  it.each([
    ['POST', '/alerts', { tenant: 'nowhere' }],
    ['GET', '/machines?tenant=nowhere', undefined],
    ['POST', '/faults', { service: 'defender', match: { tenant: 'nowhere' }, effect: { status: 500 } }],
  ])('refuses %s %s for a tenant that is none', async (method, path, body) => {
    const { status, text } = await simulator.tryControl(method, path, body);
    expect([status, text.includes("'tenant'")]).toEqual([400, true]);
  });

  it('makes 500 tenants with alerts in well under two seconds', async () => {
    const ids = Array.from(
      { length: 500 },
      (_value, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    );
    const started = performance.now();
    await simulator.control(
      'POST',
      '/alerts',
      ids.map((id) => ({ tenant: id, incidentId: 1 })),
    );
    expect(performance.now() - started).toBeLessThan(2000);
    const { machines } = await simulator.control('GET', `/machines?tenant=${ids[499] ?? ''}`);
    expect((machines as unknown[]).length).toBeGreaterThan(5);
  });
});
