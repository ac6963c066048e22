import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, type CallOptions, type Reply } from './support/Api.ts';
import { Customers } from './support/Customers.ts';
import { System, until } from './support/System.ts';

const DEVICE = 'shared.corp.example';
const ROLES = ['Defender.Read', 'Defender.Respond', 'Defender.Hunt'];

let system: System;
let customers: Customers;
let api: Api;
let homeId: string;
/** Ids by name. */
const idOf = { Contoso: '', 'Fabrikam Inc': '', Paused: '' };
/** May use Contoso only. */
let limited: string;
let everywhere: string;

beforeAll(async () => {
  system = await System.start();
  customers = await Customers.open(system);
  const { tenantId, callerClientIds } = system.simulator.company;
  homeId = tenantId;
  const added = await customers.add(3, true);
  for (const [index, name] of (['Contoso', 'Fabrikam Inc', 'Paused'] as const).entries())
    idOf[name] = added[index]?.id ?? '';
  await customers.list(Object.fromEntries(Object.entries(idOf).map(([name, id]) => [id, name])));
  const functions = await system.startFunctions({
    DEFENDER_CREDENTIAL: 'clientSecret',
    AZURE_CLIENT_ID: system.simulator.company.userAssignedClientId,
    OPERATION_POLL_INTERVAL: 'PT1S',
    CALLER_TENANTS: `${callerClientIds.hunters}=${idOf.Contoso}`,
  });
  await customers.serve(functions);
  await customers.run('pause', 'paused');
  api = new Api(system, functions.host.url);
  everywhere = await api.createToken({ application: 'playbooks', roles: ROLES });
  limited = await api.createToken({ application: 'hunters', roles: ROLES });
  await until(async () =>
    codeOf(await call('GET', '/api/alerts?tenant=paused')) === 'tenant_paused' ? true : undefined,
  );
});
afterAll(async () => {
  await customers.close();
  await system.stop();
});

/** A call of a caller who may go everywhere, unless told otherwise. */
async function call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
  const isAction = /\/(isolate|release)/.test(path);
  return await api.call(method, path, {
    ...(options.as === undefined ? { token: everywhere } : {}),
    ...(isAction ? { body: { comment: 'Looks infected' } } : {}),
    ...options,
    ...(isAction ? { headers: { 'idempotency-key': randomUUID(), ...options.headers } } : {}),
  });
}

const outcomeOf = (reply: Reply): unknown[] => [reply.status, codeOf(reply)];

/** A device of the same id and name in each of these tenants. */
async function addTwins(name: string, tenants: readonly string[]): Promise<string> {
  const id = randomUUID().replaceAll('-', '').padEnd(40, '0');
  for (const tenant of tenants) {
    await system.control('POST', '/machines', {
      ...{
        tenant,
        id,
        computerDnsName: name,
        osPlatform: 'Windows11',
        deviceValue: 'Normal',
        machineTags: [],
      },
    });
    await decide(tenant, id, { pendingSeconds: 0, runSeconds: 0 });
  }
  return id;
}

async function decide(tenant: string, machineId: string, rule: Record<string, unknown>): Promise<void> {
  await system.control('POST', '/machine-action-rules', { tenant, match: { machineId }, ...rule });
}

/** In which of the tenants the device really is isolated. */
async function isolatedIn(id: string): Promise<string[]> {
  const found: string[] = [];
  for (const tenant of [homeId, ...Object.values(idOf)]) {
    const { machines } = (await system.control('GET', `/machines?tenant=${tenant}`)) as {
      machines: { id: string; isIsolated: boolean }[];
    };
    if (machines.some((machine) => machine.id === id && machine.isIsolated)) found.push(tenant);
  }
  return found;
}

async function endOf(accepted: Reply): Promise<Reply> {
  expect(outcomeOf(accepted)).toEqual([202, undefined]);
  return await until(async () => {
    const reply = await call('GET', `/api/operations/${String(accepted.body.id)}`);
    return reply.body.status === 'NotStarted' || reply.body.status === 'Running' ? undefined : reply;
  });
}

describe('an action in a customer’s tenant', () => {
  it('isolates and releases there and nowhere else, though other tenants have a device of the same id and name', async () => {
    const id = await addTwins(DEVICE, [homeId, idOf.Contoso, idOf['Fabrikam Inc']]);
    const there = await endOf(await call('POST', `/api/devices/${DEVICE}/isolate?tenant=CONTOSO`));
    expect(there.body).toMatchObject({ status: 'Succeeded', tenantId: idOf.Contoso, device: { id } });
    expect(await isolatedIn(id)).toEqual([idOf.Contoso]);

    // Meanwhile the others are free to act.
    const atHome = await endOf(await call('POST', `/api/devices/${id}/isolate`));
    expect(atHome.body).toMatchObject({ status: 'Succeeded' });
    expect(atHome.body).not.toHaveProperty('tenantId');
    expect(await isolatedIn(id)).toEqual([homeId, idOf.Contoso]);

    const release = await endOf(
      await call('POST', `/api/devices/${id}/release?tenant=${idOf.Contoso.toUpperCase()}`),
    );
    expect(release.body).toMatchObject({ status: 'Succeeded', tenantId: idOf.Contoso });
    expect(await isolatedIn(id)).toEqual([homeId]);
  });

  it('is another request than the same one at home, and not taken for it under its key', async () => {
    const id = await addTwins('keyed.corp.example', [homeId, idOf.Contoso]);
    const headers = { 'idempotency-key': 'one key' };
    const first = await call('POST', `/api/devices/${id}/isolate?tenant=Contoso`, { headers });
    const same = await call('POST', `/api/devices/${id}/isolate?tenant=${idOf.Contoso}`, { headers });
    expect([same.status, same.body.id]).toEqual([202, first.body.id]);
    const other = await call('POST', `/api/devices/${id}/isolate`, { headers });
    expect(outcomeOf(other)).toEqual([422, 'idempotency_conflict']);
    await endOf(first);
    expect(await isolatedIn(id)).toEqual([idOf.Contoso]);
  });

  it('does not find a device that only the home tenant has', async () => {
    const id = await addTwins('athome.corp.example', [homeId]);
    for (const name of [id, 'athome.corp.example']) {
      const reply = await call('POST', `/api/devices/${name}/isolate?tenant=Contoso`);
      expect(outcomeOf(reply)).toEqual([404, 'device_not_found']);
    }
    expect(await isolatedIn(id)).toEqual([]);
  });
});

describe('reading and hunting in a customer’s tenant', () => {
  it('shows its devices, alerts and incidents, and none of others', async () => {
    await addTwins('reader.corp.example', [idOf['Fabrikam Inc']]);
    const ids: string[] = [];
    for (const tenant of [homeId, idOf['Fabrikam Inc']]) {
      const [alert] = await system.addAlerts({ tenant, incidentId: 41, title: `In ${tenant}` });
      ids.push(alert?.id ?? '');
    }
    const [atHome = '', there = ''] = ids;
    const query = '?tenant=fabrikam%20inc';
    const list = await call('GET', `/api/alerts${query}`);
    expect(list.body.alerts).toMatchObject([{ id: there }]);
    expect((await call('GET', `/api/alerts/${there}${query}`)).status).toBe(200);
    expect(outcomeOf(await call('GET', `/api/alerts/${there}`))).toEqual([404, 'alert_not_found']);
    expect(outcomeOf(await call('GET', `/api/alerts/${atHome}${query}`))).toEqual([404, 'alert_not_found']);

    // Both tenants number theirs.
    for (const [where, tenant] of [
      [query, idOf['Fabrikam Inc']],
      ['', homeId],
    ] as const) {
      const incident = { id: '41', title: expect.stringContaining(tenant) as unknown };
      expect((await call('GET', `/api/incidents${where}`)).body.incidents).toMatchObject([incident]);
      expect((await call('GET', `/api/incidents/41${where}`)).body).toMatchObject(incident);
    }
    const nowhere = await call('GET', '/api/incidents/41?tenant=Contoso');
    expect(outcomeOf(nowhere)).toEqual([404, 'incident_not_found']);

    const named = '/api/devices?name=reader.corp.example';
    expect((await call('GET', `${named}&tenant=${idOf['Fabrikam Inc']}`)).body.devices).toHaveLength(1);
    expect((await call('GET', named)).body.devices).toHaveLength(0);
  });

  it('hunts over its data only', async () => {
    for (const tenant of [homeId, idOf.Contoso]) {
      const rows = [{ FileName: 'tool.exe', DeviceName: tenant }];
      await system.control('POST', '/hunting/rows', { tenant, table: 'DeviceProcessEvents', rows });
    }
    const body = { query: "DeviceProcessEvents | where FileName == 'tool.exe' | project DeviceName" };
    const hunt = async (where: string) => (await call('POST', `/api/hunts${where}`, { body })).body.rows;
    expect(await hunt('?tenant=contoso')).toEqual([{ DeviceName: idOf.Contoso }]);
    expect(await hunt('')).toEqual([{ DeviceName: homeId }]);
    expect(await hunt('?tenant=Fabrikam%20Inc')).toEqual([]);
  });
});

/** Everything that takes `?tenant=`. */
const requests: readonly (readonly [method: string, path: string])[] = [
  ['POST', `/api/devices/${DEVICE}/isolate`],
  ['POST', `/api/devices/${DEVICE}/release`],
  ['POST', `/api/devices/${DEVICE}/isolate?dryRun=true`],
  ['GET', `/api/devices?name=${DEVICE}`],
  ['POST', '/api/hunts'],
  ['GET', '/api/alerts'],
  ['GET', '/api/alerts/da_1'],
  ['GET', '/api/incidents'],
  ['GET', '/api/incidents/1'],
];

describe.each(requests)('%s %s', (method, path) => {
  const ask = async (tenant: string | undefined, token: string): Promise<unknown[]> => {
    const query =
      tenant === undefined ? '' : `${path.includes('?') ? '&' : '?'}tenant=${encodeURIComponent(tenant)}`;
    const isHunt = path.endsWith('hunts');
    const reply = await call(method, `${path}${query}`, {
      token,
      ...(isHunt ? { body: { query: 'DeviceInfo' } } : {}),
    });
    return outcomeOf(reply);
  };

  it('is 404 in a tenant that there is not, and 409 in one that is paused', async () => {
    expect(await ask('nobody', everywhere)).toEqual([404, 'tenant_not_found']);
    expect(await ask(randomUUID(), everywhere)).toEqual([404, 'tenant_not_found']);
    expect(await ask('paused', everywhere)).toEqual([409, 'tenant_paused']);
    expect(await ask(idOf.Paused, everywhere)).toEqual([409, 'tenant_paused']);
  });

  it('is 403 for a caller who is limited to others, whether the tenant exists, is paused, is the home tenant or none', async () => {
    for (const tenant of [undefined, homeId, 'home', 'Fabrikam Inc', 'paused', 'nobody', randomUUID()])
      expect([tenant, ...(await ask(tenant, limited))]).toEqual([tenant, 403, 'tenant_not_allowed']);
    const [status] = await ask('contoso', limited);
    // What Contoso does not have is not found there.
    expect([200, 202, 404]).toContain(status);
  });
});

describe('the operations of a caller who is limited to tenants', () => {
  it('are those in these tenants, whoever asked for them, in the list and one by one', async () => {
    const id = await addTwins('listed.corp.example', [homeId, idOf.Contoso, idOf['Fabrikam Inc']]);
    const begun: Reply[] = [];
    for (const query of ['', '?tenant=Contoso', '?tenant=Fabrikam%20Inc'])
      begun.push(await endOf(await call('POST', `/api/devices/${id}/isolate${query}`)));
    const [atHome, contoso, fabrikam] = begun.map(({ body }) => String(body.id));

    const listOf = async (token: string, tenant = '') => {
      const { body } = await call('GET', `/api/operations?device=${id}${tenant}`, { token });
      return (body.operations as { id: string }[]).map((one) => one.id).sort();
    };
    expect(await listOf(everywhere)).toEqual([atHome, contoso, fabrikam].sort());
    expect(await listOf(everywhere, '&tenant=home')).toEqual([atHome]);
    expect(await listOf(everywhere, `&tenant=${idOf.Contoso}`)).toEqual([contoso]);
    expect(await listOf(limited)).toEqual([contoso]);
    expect(await listOf(limited, '&tenant=contoso')).toEqual([contoso]);
    const elsewhere = await call('GET', '/api/operations?tenant=Fabrikam%20Inc', { token: limited });
    expect(outcomeOf(elsewhere)).toEqual([403, 'tenant_not_allowed']);
    for (const suffix of ['', '/result']) {
      for (const hidden of [atHome, fabrikam]) {
        const reply = await call('GET', `/api/operations/${String(hidden)}${suffix}`, { token: limited });
        expect(outcomeOf(reply)).toEqual([404, 'operation_not_found']);
        expect(JSON.stringify(reply.body)).not.toMatch(/listed\.corp|Looks infected/);
      }
      const shown = await call('GET', `/api/operations/${String(contoso)}${suffix}`, { token: limited });
      expect([shown.status, shown.body.tenantId]).toEqual([200, idOf.Contoso]);
    }
  });
});

describe('npm run tenants in a running system', () => {
  /** Waits until callers get into a tenant, or are refused with this code. */
  const notice = (code: string | undefined) =>
    until(async () => {
      // Of a person, who is refused before Defender is asked: looking often takes nothing of the tenant's quota.
      const reply = await call('GET', '/api/alerts?tenant=Fabrikam%20Inc', { as: 'analyst' });
      return codeOf(reply) === (code ?? 'person_elsewhere') ? true : undefined;
    }, 15_000);

  it('pauses, resumes and removes within seconds, and follows what is under way to its end', async () => {
    const name = 'Fabrikam Inc';
    const id = await addTwins('underway.corp.example', [idOf[name]]);
    await decide(idOf[name], id, { pendingSeconds: 0, runSeconds: 3600 });
    const accepted = await call('POST', `/api/devices/${id}/isolate?tenant=Fabrikam%20Inc`);
    expect(accepted.status).toBe(202);

    expect((await customers.run('pause', name)).output).toContain('is paused.');
    await notice('tenant_paused');
    await system.advance(3601);
    expect((await endOf(accepted)).body).toMatchObject({ status: 'Succeeded', tenantId: idOf[name] });
    expect(await isolatedIn(id)).toEqual([idOf[name]]);

    await customers.run('resume', idOf[name]);
    await notice(undefined);
    expect((await call('GET', '/api/alerts?tenant=Fabrikam%20Inc')).status).toBe(200);
    expect((await customers.run('remove', name, '--yes')).status).toBe(0);
    await notice('tenant_not_found');
    const { output } = await customers.run('list', '--json');
    const { tenants } = JSON.parse(output) as { tenants: { name: string; isEnabled: boolean }[] };
    expect(tenants.map((one) => [one.name, one.isEnabled])).toEqual([
      ['home', true],
      ['Contoso', true],
      ['Paused', false],
    ]);
    const health = await until(async () => {
      const { body } = await call('GET', '/api/health');
      return (body.tenants as { enabled?: number } | undefined)?.enabled === 2 ? body : undefined;
    });
    expect(health).toMatchObject({ tenants: { enabled: 2, late: 0, failing: 0 } });
    // Who has no role is told nothing of them.
    expect((await api.call('GET', '/api/health')).body).not.toHaveProperty('tenants');
  }, 60_000);
});
