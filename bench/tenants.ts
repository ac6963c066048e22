import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { azuriteConnectionString, startAzurite } from '../local/azurite.ts';
import { startSimulator } from '../local/simulator/startSimulator.ts';
import { simulatorSettings } from '../local/simulatorSettings.ts';
import { createLogger } from '../src/runtime/Logger.ts';
import { createHomeRecord, tenantKeys, toTenantRow, TENANT_TABLE } from '../src/tenants/tenantRow.ts';
import { findFreePorts } from '../test/support/freePorts.ts';
import { measureProcess, printFigures, type Measured } from './measure.ts';

// Rounds over many tenants, token to ledger, on the real SDKs. `node bench/tenants.ts [500]`

const ALERTS_EACH = 10;
/** What Defender takes to answer a call, about as the real one does. */
const DEFENDER_MS = 300;
const INTERVAL_MS = 300_000;
/** Tenants in trouble, where some are. */
const TROUBLED = 50;

const [role = '500', ...args] = process.argv.slice(2);
if (role === 'timer') await runTimer(Number(args[0]), Number(args[1]));
else if (role === 'instance') await runInstance();
else await compare(Number(role));

/** One instance of the app whose timer pulls everybody itself. */
async function runTimer(places: number, rounds: number): Promise<void> {
  const { createTenantPulls } = await import('../src/composition/createTenantPulls.ts');
  const { parseSettings } = await import('../src/settings/parseSettings.ts');
  const { Turns } = await import('../src/tenants/Turns.ts');
  const pulls = createTenantPulls(parseSettings(process.env), new Turns(places));
  const ends = new Map<string, number>();
  const times: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const startedAt = Date.now();
    await pulls.run(INTERVAL_MS, { owner: `round-${round}`, ...watch(ends) });
    times.push(Date.now() - startedAt);
    if (round === 1 && ends.size > 0) printTail(ends, startedAt);
  }
  const [ms = 0, again = 0] = times;
  printFigures({ ms, again, pulled: ends.size });
}

/** One of several instances that take messages as the host does: up to 16 whenever no more than 8 run. */
async function runInstance(): Promise<void> {
  const { storage } = await import('../src/composition/shared.ts');
  const { services } = await import('../src/services.ts');
  const { TENANT_QUEUE } = await import('../src/tenants/TenantQueue.ts');
  const queue = await storage().queue(TENANT_QUEUE);
  const pulls = services().tenantPulls();
  const ends = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const startedAt = Number(process.env.BENCH_START);
  let idleSince = Infinity;
  while (Date.now() - idleSince < 3_000) {
    const isRoom = running.size <= 8;
    const { receivedMessageItems } = isRoom
      ? await queue.receiveMessages({ numberOfMessages: 16, visibilityTimeout: 600 })
      : { receivedMessageItems: [] };
    for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
      const message: unknown = JSON.parse(Buffer.from(messageText, 'base64').toString('utf8'));
      const task = pulls
        .runQueued(message, 1, { owner: messageId, ...watch(ends) })
        .then(() => queue.deleteMessage(messageId, popReceipt))
        .then(() => {
          running.delete(task);
        });
      running.add(task);
    }
    if (running.size > 8) await Promise.race(running);
    else if (receivedMessageItems.length === 0) await delay(50);
    if (running.size > 0) idleSince = Date.now();
    else if (idleSince === Infinity && Date.now() - startedAt > 60_000) break;
  }
  printTail(ends, startedAt);
  printFigures({ ms: Math.max(0, ...ends.values()) - startedAt, again: 0, pulled: ends.size });
}

/** Notes when the pull of each tenant was over. */
function watch(ends: Map<string, number>) {
  const note = (line: string) => {
    const [, tenantId] = /event=alert_pull_finished .*tenantId=(\S+)/.exec(line) ?? [];
    if (tenantId !== undefined) ends.set(tenantId, Date.now());
  };
  const ignore = () => undefined;
  return {
    logger: createLogger({ info: note, warn: ignore, error: ignore }),
    signal: AbortSignal.timeout(600_000),
  };
}

/** When those without trouble were done, as a share of them. */
function printTail(ends: ReadonlyMap<string, number>, startedAt: number): void {
  const after = [...ends.values()].map((end) => end - startedAt).sort((a, b) => a - b);
  const at = (share: number) => ((after[Math.ceil(after.length * share) - 1] ?? 0) / 1000).toFixed(1);
  console.error(
    `    ${after.length} done: half after ${at(0.5)} s, 95 % after ${at(0.95)} s, all after ${at(1)} s`,
  );
}

interface Case {
  readonly name: string;
  readonly by: { readonly places: number } | { readonly instances: number };
  readonly trouble?: object;
}

async function compare(tenants: number): Promise<void> {
  const cases: Case[] = [
    { name: 'timer, 1 place', by: { places: 1 } },
    { name: 'timer, 8 places (the app)', by: { places: 8 } },
    { name: 'timer, 32 places', by: { places: 32 } },
    { name: `timer, ${TROUBLED} throttled`, by: { places: 8 }, trouble: { throttle: { retryAfter: 120 } } },
    { name: `timer, ${TROUBLED} down`, by: { places: 8 }, trouble: { delayMs: 600_000 } },
    { name: 'queue, 1 instance', by: { instances: 1 } },
    { name: 'queue, 2 instances', by: { instances: 2 } },
    { name: 'queue, 4 instances', by: { instances: 4 } },
    {
      name: `queue, 2 instances, ${TROUBLED} throttled`,
      by: { instances: 2 },
      trouble: { throttle: { retryAfter: 120 } },
    },
  ];
  console.log(
    `\n${tenants} tenants with ${ALERTS_EACH} alerts each, Defender answers after ${DEFENDER_MS} ms`,
  );
  for (const one of cases) {
    console.error(`  ${one.name}`);
    const { ms, again = 0, pulled = 0, peakMb } = await measure(one, tenants);
    const steady = again > 0 ? `, nothing new: ${(again / 1000).toFixed(1)} s` : '';
    console.log(
      `  ${one.name.padEnd(34)} ${(ms / 1000).toFixed(1).padStart(6)} s, ${pulled} pulled, ` +
        `${peakMb.toFixed(0)} MB peak${steady}`,
    );
  }
}

/** In a world of its own, so that every case begins with the first pull of each tenant. */
async function measure({ by, trouble }: Case, count: number): Promise<Measured> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-tenants-'));
  const [blob = 0, queue = 0, table = 0] = await findFreePorts(3);
  const azurite = await startAzurite({ blob, queue, table }, path.join(folder, 'azurite'));
  const simulator = await startSimulator({ dataFolder: path.join(folder, 'simulator') });
  const control = async (route: string, body: unknown) => {
    const response = await fetch(`${simulator.urls.control}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${route}: ${await response.text()}`);
    return await response.json();
  };
  const connectionString = azuriteConnectionString({ blob, queue, table });
  const ids = await addTenants(control, count);
  await listTenants(connectionString, simulator.company.tenantId, ids);
  for (const tenant of trouble ? ids.slice(0, TROUBLED) : [])
    await control('/faults', { service: 'defender', match: { tenant }, effect: trouble });
  await control('/faults', { service: 'defender', effect: { delayMs: DEFENDER_MS } });
  const env = {
    ...simulatorSettings(simulator),
    AzureWebJobsStorage: connectionString,
    DEFENDER_CREDENTIAL: 'clientSecret',
    // A round ends here at the latest, so that the bench does.
    ALERT_PULL_BUDGET: 'PT90S',
    TENANT_FAN_OUT_ABOVE: 'places' in by ? '10000' : '0',
    BENCH_START: String(Date.now()),
  };
  const start = (...what: string[]) => measureProcess(import.meta.filename, what, env);
  const instances =
    'places' in by
      ? [start('timer', String(by.places), trouble ? '1' : '2')]
      : Array.from({ length: by.instances }, () => start('instance'));
  if ('instances' in by) await start('timer', '1', '1');
  const figures = await Promise.all(instances);
  await simulator.stop();
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
  return {
    ms: Math.max(...figures.map(({ ms }) => ms)),
    again: figures[0]?.again ?? 0,
    pulled: figures.reduce((sum, { pulled = 0 }) => sum + pulled, 0),
    peakMb: Math.max(...figures.map(({ peakMb }) => peakMb)),
  };
}

type Control = (route: string, body: unknown) => Promise<unknown>;

async function addTenants(control: Control, count: number): Promise<string[]> {
  const added = await control('/entra/tenants', { count, consent: true });
  const { tenants } = added as { tenants: readonly { id: string }[] };
  const lastUpdateTime = new Date(Date.now() - 60_000).toISOString();
  for (const { id } of tenants)
    await control('/alerts', { tenant: id, count: ALERTS_EACH, evidenceItems: 5, lastUpdateTime });
  return tenants.map(({ id }) => id);
}

async function listTenants(connectionString: string, homeId: string, ids: readonly string[]): Promise<void> {
  const table = TableClient.fromConnectionString(connectionString, TENANT_TABLE, {
    allowInsecureConnection: true,
  });
  await table.createTable();
  const record = createHomeRecord({ tenantId: homeId, cloud: 'global' });
  for (const [index, id] of ids.entries()) {
    const tenant = { ...record, id, name: `customer ${index}`, isHome: false, addedAt: Date.now() };
    await table.createEntity({ ...tenantKeys(id), ...toTenantRow(tenant) });
  }
}
