import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, type Reply } from './support/Api.ts';
import { addAlertIn, Customers, runRound, tenantVersionsOf, type Customer } from './support/Customers.ts';
import { field, System, until, type Functions } from './support/System.ts';

let system: System;
let customers: Customers;
let functions: Functions;
let api: Api;
beforeAll(async () => {
  system = await System.start();
  customers = await Customers.open(system);
  functions = await system.startFunctions({
    DEFENDER_CREDENTIAL: 'federated',
    AZURE_CLIENT_ID: system.simulator.company.userAssignedClientId,
    // The end of a round in which some tenant never answers.
    ALERT_PULL_BUDGET: 'PT10S',
  });
  await customers.serve(functions);
  api = new Api(system, functions.host.url);
});
afterAll(async () => {
  await customers.close();
  await system.stop();
});

async function addCustomer(consent: boolean): Promise<Customer> {
  const [customer] = await customers.add(1, consent);
  if (!customer) throw new Error('There is no customer.');
  return customer;
}

/** A link of `consent-url`, and where it would lead back to when an administrator consents. */
async function makeLink({ domain }: Customer): Promise<string> {
  const { status, stdout, stderr } = await customers.run('consent-url', domain, '--json');
  expect([status, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { url: string }).url;
}

interface Page {
  readonly status: number;
  readonly html: string;
  /** What the app logged about it. */
  readonly log: string;
}

/** Opens an address as a browser does, redirections included. */
async function browse(url: string): Promise<Page> {
  const seen = system.log.length;
  const response = await fetch(url);
  const html = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  await functions.logged(/event=consent_/, seen);
  const log = system.log.slice(seen).join('\n');
  // Looked through for secrets like all that the app answers.
  system.answers.push(...[...response.headers].map((header) => header.join(': ')), html);
  return { status: response.status, html, log };
}

const stateIn = (url: string): string => new URL(url).searchParams.get('state') ?? '';

/** Whether callers get into a tenant. */
async function alertsOf(tenant: string): Promise<Reply> {
  return await api.get(`/api/alerts?tenant=${encodeURIComponent(tenant)}`);
}

describe('a customer', () => {
  it('is set up from a link to the first alert, and never comes in without consent', async () => {
    const customer = await addCustomer(false);
    const [expected] = await addAlertIn(system, [customer.id]);

    const early = await customers.run('add', customer.domain, '--name', 'Contoso');
    expect(early.status).toBe(1);
    expect(early.output).toContain(`Contoso (${customer.id}) is paused.`);
    expect(early.output).toContain('AADSTS700016');
    expect(codeOf(await alertsOf('contoso'))).toBe('tenant_paused');

    const link = await makeLink(customer);
    const { status, html, log } = await browse(link);
    expect(status).toBe(200);
    expect(html).toContain('Consent given');
    expect(html).toContain(`npm run tenants -- add ${customer.id}`);
    expect(log).toMatch(new RegExp(`event=consent_given .*tenantId=${customer.id}`));
    for (const text of [html, log]) expect(text).not.toContain(stateIn(link));

    // A consent alone lets nobody in.
    expect(codeOf(await alertsOf('contoso'))).toBe('tenant_paused');
    const added = await customers.run('add', customer.domain);
    expect(added.output).toContain(`Contoso (${customer.id}) is enabled.`);
    expect(added.status).toBe(0);
    expect((await customers.run('list')).output).toMatch(/\| Contoso +\| \S+ +\| global \| enabled +\| 20/);

    await until(async () => ((await alertsOf('contoso')).status === 200 ? true : undefined));
    await runRound(system, functions);
    expect(tenantVersionsOf(await system.drain())).toEqual([expected]);
  }, 60_000);

  it('stays paused while a role is missing, which is named, and nothing is pulled', async () => {
    const customer = await addCustomer(true);
    const role = { tenant: customer.id, resource: 'WindowsDefenderATP', role: 'Machine.Isolate' };
    await system.control('POST', '/entra/roles', { ...role, granted: false });
    const expected = await addAlertIn(system, [customer.id]);

    const { status, output } = await customers.run('add', customer.id, '--name', 'Fabrikam');
    expect(status).toBe(1);
    expect(output).toContain(`Fabrikam (${customer.id}) is paused.`);
    expect(output).toMatch(/^ +actOnDevices: Machine\.Isolate$/m);
    expect(output).not.toContain('Alert.Read.All');
    expect(output).toContain(`/${customer.id}/adminconsent?client_id=`);
    await runRound(system, functions);
    expect(await system.drain()).toEqual([]);

    await system.control('POST', '/entra/roles', role);
    const again = await customers.run('add', customer.id);
    expect(again.output).toContain(`Fabrikam (${customer.id}) is enabled.`);
    expect(again.status).toBe(0);
    await until(async () => ((await alertsOf('Fabrikam')).status === 200 ? true : undefined));
    await runRound(system, functions);
    expect(tenantVersionsOf(await system.drain())).toEqual(expected);
  }, 60_000);
});

describe('the page that a consent returns to', () => {
  let customer: Customer;
  let link: string;
  beforeAll(async () => {
    customer = await addCustomer(false);
    link = await makeLink(customer);
  });

  /** What Entra would send the browser back with, changed. */
  function backWith(change: Readonly<Record<string, string>>): string {
    const answer = { state: stateIn(link), tenant: customer.id, admin_consent: 'True', ...change };
    return `${functions.host.url}/api/consent?${new URLSearchParams(answer).toString()}`;
  }

  const STRANGE = '"><script>alert(1)</script>';

  it.each<[string, string, () => Record<string, string>]>([
    ['a state that nobody gave out', 'unknown', () => ({ state: 'A'.repeat(43) })],
    ['a state that is none', 'state', () => ({ state: STRANGE })],
    ['no state', 'state', () => ({ state: '' })],
    ['another tenant', 'tenant', () => ({ tenant: system.simulator.company.tenantId })],
    ['a tenant that is none', 'tenant', () => ({ tenant: STRANGE })],
    ['no consent', 'answer', () => ({ admin_consent: STRANGE })],
  ])('refuses %s with 400 and reflects nothing of it', async (_what, reason, change) => {
    const { status, html, log } = await browse(backWith(change()));
    expect(status).toBe(400);
    expect(html).toContain('This link does not work');
    expect(field(log, 'reason')).toBe(reason);
    for (const text of [html, log]) {
      expect(text).not.toContain('<script');
      expect(text).not.toContain(stateIn(link));
    }
    expect(html).not.toContain(customer.id);
  });

  it('lets an administrator who declined think again, and then takes the link no second time', async () => {
    const { id } = customer;
    await system.control('POST', '/entra/admin-consent', { tenant: id, decision: 'decline' });
    const declined = await browse(link);
    expect([declined.status, declined.log]).toEqual([200, expect.stringContaining('event=consent_declined')]);
    expect(declined.html).toContain('No consent was given');

    await system.control('POST', '/entra/admin-consent', { tenant: id, decision: 'grant' });
    expect((await browse(link)).html).toContain('Consent given');
    const again = await browse(link);
    expect([again.status, field(again.log, 'reason')]).toEqual([400, 'used']);
    // Nobody added it.
    expect(codeOf(await alertsOf(id))).toBe('tenant_not_found');
  });
});

describe('a round over several tenants', () => {
  const roles = ['healthy', 'down', 'throttled', 'slow', 'lost'] as const;
  /** By what happens to them. */
  const idOf = {} as Record<(typeof roles)[number], string>;
  let pulled: string[];
  beforeAll(async () => {
    const added = await customers.add(roles.length, true);
    for (const [index, role] of roles.entries()) {
      idOf[role] = added[index]?.id ?? '';
      const run = await customers.run('add', idOf[role], '--name', `The ${role} one`, '--unverified');
      expect(run).toMatchObject({ status: 0 });
    }
    // Before its first pull: a token that is there already would still be good for an hour.
    await system.control('POST', '/entra/consents', { tenant: idOf.lost, granted: false });
    const { healthy, down, throttled, slow, lost } = idOf;
    pulled = [system.simulator.company.tenantId, healthy, down, throttled, slow];
    await until(async () => (codeOf(await alertsOf(lost)) === 'tenant_not_found' ? undefined : true));
  }, 60_000);

  const inTrouble = (tenant: string, effect: object): Promise<string> =>
    system.addFault({ service: 'defender', match: { tenant }, effect });

  /** Ends the wait that the service asked for, as time would. */
  async function endThrottling(tenantId: string): Promise<void> {
    const options = { allowInsecureConnection: true };
    const table = TableClient.fromConnectionString(system.connectionString, 'checkpoints', options);
    const keys = { partitionKey: tenantId, rowKey: 'endpoint' };
    expect((await table.getEntity(keys.partitionKey, keys.rowKey)).throttledUntil).not.toBe('');
    await table.updateEntity({ ...keys, throttledUntil: '' }, 'Merge');
  }

  it('hands over each alert once, as the tenant’s that it is of, also when two have one of the same id', async () => {
    const lastUpdateTime = new Date(Date.now() - 60_000).toISOString();
    const shared = { id: 'da_shared_1', lastUpdateTime };
    const expected = [
      ...(await addAlertIn(system, [idOf.healthy, idOf.slow], shared)),
      ...(await addAlertIn(system, pulled)),
    ].sort();
    await runRound(system, functions);
    await runRound(system, functions);
    expect(tenantVersionsOf(await system.drain())).toEqual(expected);
  });

  it('leaves out those that are down, throttled, slow or lost, waits for none of them, and loses nothing', async () => {
    const home = system.simulator.company.tenantId;
    await inTrouble(idOf.down, { status: 503 });
    await inTrouble(idOf.throttled, { throttle: { retryAfter: 3600 } });
    await inTrouble(idOf.slow, { delayMs: 600_000 });
    const healthy = await addAlertIn(system, [home, idOf.healthy]);
    const others = await addAlertIn(system, [idOf.down, idOf.throttled, idOf.slow, idOf.lost]);
    const log = await runRound(system, functions);

    expect(tenantVersionsOf(await system.drain())).toEqual(healthy);
    const endOf = (tenant: string) =>
      log.findIndex((line) => /event=alert_pull_(?!skip)/.test(line) && line.includes(`tenantId=${tenant}`));
    for (const tenant of [home, idOf.healthy]) {
      expect(log[endOf(tenant)]).toContain('event=alert_pull_finished');
      for (const late of [idOf.down, idOf.slow]) expect(endOf(tenant)).toBeLessThan(endOf(late));
    }
    expect(log[endOf(idOf.throttled)]).toMatch(/event=alert_pull_paused .*reason=throttled/);
    expect(log[endOf(idOf.lost)]).toMatch(/event=alert_pull_failed .*code=credential_refused/);
    expect(log[endOf(idOf.lost)]).toContain('700016');
    const round = log.find((line) => line.includes('event=tenants_pulled')) ?? '';
    const counts = ['finished', 'paused', 'failed', 'unreached'].map((name) => field(round, name));
    expect(counts).toEqual([String(Number(field(round, 'tenants')) - 4), '3', '1', '0']);
    expect(await customers.readOutcomes()).toMatchObject({
      [home]: 'finished',
      [idOf.down]: 'paused',
      [idOf.lost]: 'credential_refused',
    });

    await system.control('DELETE', '/faults');
    await system.control('POST', '/entra/consents', { tenant: idOf.lost });
    await endThrottling(idOf.throttled);
    await runRound(system, functions);
    expect(tenantVersionsOf(await system.drain())).toEqual(others);
  }, 60_000);
});
