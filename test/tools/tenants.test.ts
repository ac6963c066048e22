import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCheckpoint } from '../../src/alerts/Checkpoint.ts';
import { TableCheckpointStore } from '../../src/alerts/TableCheckpointStore.ts';
import { TableLedger } from '../../src/alerts/TableLedger.ts';
import { ledgerGroup } from '../../src/alerts/ledgerKeys.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import { Consents } from '../../src/tenants/Consents.ts';
import { TableTenantDirectory } from '../../src/tenants/TableTenantDirectory.ts';
import { simulatorSettings } from '../../local/simulatorSettings.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { createVersion } from '../support/alerts.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { json, startServer, type TestServer } from '../support/startServer.ts';
import { runTool, type ToolRun } from './support/runTool.ts';

const never = new AbortController().signal;

let azurite: Azurite;
let simulator: TestSimulator;
/** The app's own API. */
let api: TestServer;
let folder: string;
let customer: { readonly id: string; readonly domain: string };

beforeAll(async () => {
  [azurite, simulator, api] = await Promise.all([startAzurite(), startTestSimulator(), startServer()]);
  folder = await mkdtemp(path.join(tmpdir(), 'tenants-'));
  const settings = {
    ...simulatorSettings(simulator),
    AzureWebJobsStorage: azurite.connectionString,
    PUBLIC_BASE_URL: 'http://127.0.0.1:7071',
  };
  await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings));
  await writeFile(path.join(folder, 'caller.json'), JSON.stringify({ url: api.url, token: 'caller-token' }));
  const added = (await simulator.control('POST', '/entra/tenants', { count: 1 })) as {
    tenants: readonly [{ id: string; domain: string }];
  };
  [customer] = added.tenants;
});
afterAll(async () => {
  await Promise.all([azurite.stop(), simulator.stop(), api.close(), rm(folder, { recursive: true })]);
});

const table = (name: string) =>
  TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
const directory = () => {
  const home = { tenantId: simulator.company.tenantId, cloud: 'global' } as const;
  return new TableTenantDirectory(() => Promise.resolve(table('tenants')), home, systemClock);
};

beforeEach(async () => {
  for (const name of ['tenants', 'checkpoints', 'ledger']) {
    await table(name).createTable();
    for await (const { partitionKey = '', rowKey = '' } of table(name).listEntities())
      await table(name).deleteEntity(partitionKey, rowKey);
  }
  api.requests.splice(0);
  api.answerWith(json(200, READY));
});

const READY = { isReady: true, features: [], problems: [] };
const run = (...args: string[]): Promise<ToolRun> =>
  runTool('tenants.ts', args, { LOCAL_DATA_FOLDER: folder });
/** The home tenant, and the customer if it is listed. */
const listed = async () =>
  (await directory().list(never)).tenants.map(({ name, isEnabled }) => `${name} ${isEnabled}`);

describe('npm run tenants -- add', () => {
  it('resolves the domain, asks the app whether it may work there, and enables the tenant', async () => {
    const { status, output } = await run('add', customer.domain, '--name', 'Contoso Ltd');
    expect(output).toContain(`Contoso Ltd (${customer.id}) is enabled.`);
    expect(status).toBe(0);
    expect(await listed()).toEqual(['home true', 'Contoso Ltd true']);
    expect(api.requests.map(({ method, path: where }) => `${method} ${where}`)).toEqual([
      `GET /api/access?tenant=${customer.id}`,
    ]);
  });

  it('leaves it paused when roles are missing, says which and where to consent, and enables it once they are there', async () => {
    const features = [
      { feature: 'pullAlerts', isGranted: false, missing: ['Alert.Read.All'] },
      { feature: 'huntWithGraph', isGranted: true, missing: [] },
    ];
    const problems = [{ code: 'credential_refused', message: 'Nobody consented.' }];
    api.answerWith(json(200, { isReady: false, features, problems }));
    const first = await run('add', customer.domain);
    expect(first.status).toBe(1);
    expect(first.output).toContain('pullAlerts: Alert.Read.All\n');
    expect(first.output).toContain('Nobody consented.');
    expect(first.output).toContain(`${simulator.urls.entra}/${customer.id}/adminconsent?client_id=`);
    expect(first.output).not.toContain('huntWithGraph');
    expect(await listed()).toEqual(['home true', `${customer.domain} false`]);

    api.answerWith(json(200, READY));
    expect(await run('add', customer.id, '--name', 'contoso')).toMatchObject({ status: 0 });
    expect(await listed()).toEqual(['home true', 'contoso true']);
  });

  it('waits until the app has noticed the new tenant', async () => {
    const unknown = { detail: 'There is no tenant.' };
    api.answerWith(json(404, unknown, { 'x-ms-error-code': 'tenant_not_found' }), json(200, READY));
    expect(await run('add', customer.id, '--name', 'contoso')).toMatchObject({ status: 0 });
    expect(await listed()).toEqual(['home true', 'contoso true']);
  });

  it('leaves it paused when the app refuses to look', async () => {
    api.answerWith(json(403, { detail: 'The caller needs the role Defender.Admin.' }));
    const { status, output } = await run('add', customer.id, '--name', 'contoso');
    expect(status).toBe(1);
    expect(output).toContain('(HTTP 403): The caller needs the role Defender.Admin.');
    expect(await listed()).toEqual(['home true', 'contoso false']);
  });

  it('enables it without asking anybody when told so, and says that', async () => {
    const { output } = await run('add', customer.id, '--name', 'contoso', '--unverified');
    expect(output).toContain('Nobody looked');
    expect(api.requests).toEqual([]);
    expect(await listed()).toEqual(['home true', 'contoso true']);
  });

  it.each<[string, () => string[], string | RegExp]>([
    ['no name', () => [customer.id], 'Give the tenant a name'],
    ['the name of the home tenant', () => [customer.id, '--name', 'HOME'], 'is the name of'],
    ['a name that is an id', () => [customer.id, '--name', customer.id], 'cannot be a name'],
    ['a name that no caller can write', () => [customer.id, '--name', 'a/b'], 'cannot be a name'],
    ['a tenant that Entra does not know', () => ['nowhere.example'], "knows no tenant 'nowhere.example'"],
    ['a cloud with another Entra', () => [customer.id, '--name', 'x', '--cloud', 'dod'], 'another one'],
    ['a cloud that there is not', () => [customer.id, '--name', 'x', '--cloud', 'moon'], '--cloud must be'],
  ])('refuses %s', async (_what, args, message) => {
    const { status, output } = await run('add', ...args());
    expect(status).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^ +at /m);
    expect(await listed()).toEqual(['home true']);
  });
});

describe('npm run tenants -- consent-url', () => {
  it('gives a link that leads to our page with a state that holds for that tenant', async () => {
    const { status, output } = await run('consent-url', customer.domain, '--json');
    expect(status).toBe(0);
    const { url, tenantId } = JSON.parse(output) as { url: string; tenantId: string };
    expect(tenantId).toBe(customer.id);
    // The administrator consents at Entra, which sends the browser back.
    const { headers } = await fetch(url, { redirect: 'manual' });
    const back = new URL(headers.get('location') ?? '');
    expect(`${back.origin}${back.pathname}`).toBe('http://127.0.0.1:7071/api/consent');
    const given = (name: string) => back.searchParams.get(name) ?? undefined;
    const answer = {
      ...{ state: given('state'), tenant: given('tenant'), error: given('error') },
      adminConsent: given('admin_consent'),
    };
    const consents = new Consents(() => Promise.resolve(table('tenants')), systemClock);
    expect(await consents.finish(answer, never)).toEqual({ kind: 'given', tenantId: customer.id });
    // Whoever adds the tenant then, sees when that was.
    await run('add', customer.id, '--name', 'contoso');
    expect((await directory().find('contoso', never)).consentedAt).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe('npm run tenants -- pause, resume, list', () => {
  it('pauses and resumes by name or id, the home tenant too, and shows it', async () => {
    await run('add', customer.id, '--name', 'contoso', '--unverified');
    expect(await run('pause', 'CONTOSO')).toMatchObject({ status: 0 });
    expect(await run('pause', 'home')).toMatchObject({ status: 0 });
    expect(await listed()).toEqual(['home false', 'contoso false']);
    const { output } = await run('list');
    expect(output).toMatch(/\| home +\| \S+ +\| global \| paused/);
    expect(output).toMatch(/\| contoso +\| \S+ +\| global \| paused/);
    await run('resume', customer.id);
    const { tenants } = JSON.parse((await run('list', '--json')).output) as {
      tenants: { name: string; isEnabled: boolean; addedAt?: string }[];
    };
    expect(tenants).toMatchObject([
      { name: 'home', isEnabled: false },
      { name: 'contoso', isEnabled: true, addedAt: expect.stringMatching(/^20.*Z$/) as string },
    ]);
  });

  it('shows a damaged row, which can be removed', async () => {
    await table('tenants').createEntity({
      ...{ partitionKey: 'tenant', rowKey: customer.id },
      ...{ tenantId: customer.id, name: 'contoso', schemaVersion: 9 },
    });
    expect((await run('list')).output).toContain(`${customer.id} cannot be trusted: its schema version is 9`);
    expect(await run('pause', 'contoso')).toMatchObject({ status: 1 });
    expect(await run('remove', 'contoso', '--yes')).toMatchObject({ status: 0 });
    expect(await listed()).toEqual(['home true']);
  });

  it.each([
    [['pause', 'nobody'], "There is no tenant 'nobody'"],
    [['remove', 'home', '--yes'], 'The home tenant cannot be removed'],
    [['remove', 'home'], 'Add --yes'],
    [['explode', 'x'], 'Usage:'],
    [['pause'], 'Usage:'],
    [['list', '--force'], 'Usage:'],
  ])('refuses %j', async (args, message) => {
    const { status, output } = await run(...args);
    expect(status).toBe(1);
    expect(output).toContain(message);
    expect(await listed()).toEqual(['home true']);
  });
});

describe('npm run tenants -- remove', () => {
  const store = () => new TableCheckpointStore(() => Promise.resolve(table('checkpoints')));
  const ledger = () => new TableLedger(() => Promise.resolve(table('ledger')));
  const origin = () => ({ tenantId: customer.id, source: 'endpoint' });
  const version = () => createVersion({}, origin());

  /** A tenant of which an alert was handed over. */
  async function addPulled(lease: { owner: string | undefined; until: number }) {
    await run('add', customer.id, '--name', 'contoso', '--unverified');
    const row = { checkpoint: createCheckpoint(0n, 0n), lease: { epoch: 1, ...lease } };
    await store().write(origin(), row, undefined, never);
    await ledger().record(ledgerGroup(version(), 0n), [version()], never);
  }
  const handedOver = async () =>
    (await ledger().findHandedOver(ledgerGroup(version(), 0n), [version()], never)).size;

  it('keeps how far the tenant was pulled', async () => {
    await addPulled({ owner: undefined, until: 0 });
    const { output } = await run('remove', 'contoso', '--yes');
    expect(output).toContain('Its checkpoint is kept');
    expect(await listed()).toEqual(['home true']);
    expect(await store().read(origin(), never)).toBeDefined();
    expect(await handedOver()).toBe(1);
  });

  it('forgets it when told so', async () => {
    await addPulled({ owner: undefined, until: 0 });
    const { status } = await run('remove', 'contoso', '--yes', '--with-checkpoint');
    expect(status).toBe(0);
    expect(await store().read(origin(), never)).toBeUndefined();
    expect(await handedOver()).toBe(0);
  });

  it('only pauses the tenant while a run is at its checkpoint', async () => {
    await addPulled({ owner: 'a run', until: Date.now() + 60_000 });
    const { status, output } = await run('remove', 'contoso', '--yes', '--with-checkpoint');
    expect(status).toBe(1);
    expect(output).toContain('A run holds the checkpoint');
    expect(await listed()).toEqual(['home true', 'contoso false']);
    expect(await handedOver()).toBe(1);
  });
});
