import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addAlertIn, Customers, tenantVersionsOf } from './support/Customers.ts';
import { startHostProcess } from './support/startHostProcess.ts';
import { field, System, until, type Functions } from './support/System.ts';

/** `TENANTS=500 npx vitest run test/e2e/tenantQueue.test.ts` shows that many and prints figures. */
const COUNT = Number(process.env.TENANTS ?? 40);
const TIMEOUT_MS = 60_000 + COUNT * 1_000;

let system: System;
let customers: Customers;
const settings = { DEFENDER_CREDENTIAL: 'clientSecret', TENANT_FAN_OUT_ABOVE: '25' };
/** Two of the app, which share the queue. */
let instances: Functions[];
let homeId: string;
let ids: string[];
beforeAll(async () => {
  system = await System.start();
  customers = await Customers.open(system);
  homeId = system.simulator.company.tenantId;
  ids = (await customers.add(COUNT, true)).map(({ id }) => id);
  await customers.list(Object.fromEntries(ids.map((id, index) => [id, `Customer ${index}`])));
  instances = await Promise.all([system.startFunctions(settings), system.startFunctions(settings)]);
}, TIMEOUT_MS);
afterAll(async () => {
  await customers.close();
  await system.stop();
});

const queueOf = (name: string) => new QueueClient(system.connectionString, name);

async function send(message: unknown): Promise<void> {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  await queueOf('tenant-pulls').sendMessage(Buffer.from(text).toString('base64'));
}

/** The timer is due, in one of the instances. */
const startRound = (): Promise<void> | undefined => instances[0]?.trigger('pullAlerts');

/** Waits until the log has so many lines of an event from `from` on, and returns all that it has. */
async function linesOf(event: RegExp, count: number, from: number): Promise<string[]> {
  const find = () => system.log.slice(from).filter((line) => event.test(line));
  return await until(
    () => (find().length >= count ? find() : undefined),
    TIMEOUT_MS,
    () => `${count} lines like ${String(event)}, there are ${find().length}`,
  );
}

/** Every message is deleted after its pull, so an empty queue means that all are over. */
async function settle(): Promise<void> {
  const queue = queueOf('tenant-pulls');
  await until(async () => {
    const { approximateMessagesCount } = await queue.getProperties();
    return approximateMessagesCount === 0 ? true : undefined;
  }, TIMEOUT_MS);
  const poison = queueOf('tenant-pulls-poison');
  if (await poison.exists()) expect((await poison.peekMessages()).peekedMessageItems).toEqual([]);
}

it(
  'above TENANT_FAN_OUT_ABOVE, instances share the tenants, and each is pulled exactly once',
  async () => {
    const expected = await addAlertIn(system, [homeId, ...ids], { count: 2 });
    const startedAt = Date.now();
    await startRound();
    const [queued = ''] = await linesOf(/event=tenants_queued/, 1, 0);
    expect(field(queued, 'tenants')).toBe(String(COUNT + 1));
    const finished = await linesOf(/event=alert_pull_finished/, COUNT + 1, 0);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    await settle();
    expect(finished.map((line) => field(line, 'tenantId')).sort()).toEqual([homeId, ...ids].sort());
    expect(
      system.log.filter((line) => /event=(alert_pull_(?!finished)|tenant_message_dropped)/.test(line)),
    ).toEqual([]);
    expect(tenantVersionsOf(await system.drain())).toEqual(expected);
    if (process.env.TENANTS) console.log(`${COUNT + 1} tenants, 2 instances, first pull: ${seconds} s`);
  },
  TIMEOUT_MS,
);

it(
  'a round while half of them are throttled or down gives the others theirs, and the next one all the rest',
  async () => {
    const from = system.log.length;
    const troubled = ids.slice(0, Math.floor(COUNT / 2));
    const untroubled = [homeId, ...ids.slice(troubled.length)];
    for (const [index, tenant] of troubled.entries()) {
      const effect = index % 2 === 0 ? { throttle: { retryAfter: 3600 } } : { status: 503 };
      await system.addFault({ service: 'defender', match: { tenant }, effect });
    }
    const healthy = await addAlertIn(system, untroubled);
    const others = await addAlertIn(
      system,
      troubled.filter((_, index) => index % 2 === 1),
    );
    await startRound();
    const finished = await linesOf(/event=alert_pull_finished/, untroubled.length, from);
    expect(finished.map((line) => field(line, 'tenantId')).sort()).toEqual(untroubled.toSorted());
    await linesOf(/event=alert_pull_paused/, troubled.length, from);
    await settle();
    expect(tenantVersionsOf(await system.drain())).toEqual(healthy);

    await system.control('DELETE', '/faults');
    const next = system.log.length;
    await startRound();
    // Those that were throttled still wait as they were told to.
    await linesOf(/event=alert_pull_finished/, COUNT + 1 - Math.ceil(troubled.length / 2), next);
    await settle();
    expect(tenantVersionsOf(await system.drain())).toEqual(others);
  },
  2 * TIMEOUT_MS,
);

it('messages that come twice, late, or from nobody are dropped, and none is poison', async () => {
  const from = system.log.length;
  const [first = '', second = ''] = ids.slice(-2);
  const expected = await addAlertIn(system, [first]);
  const stranger = 'a7c1f0de-0000-4000-8000-000000000000';
  const now = new Date().toISOString();
  const again = { tenantId: first, enqueued: now, lifeMs: 60_000 };
  await Promise.all([again, again, again].map(send));
  await send({ tenantId: second, enqueued: new Date(0).toISOString(), lifeMs: 60_000 });
  await send({ tenantId: stranger, enqueued: now, lifeMs: 60_000 });
  await send({ tenantId: first });
  await send('"><script>');
  await settle();
  const reasons = system.log.slice(from).flatMap((line) => {
    return line.includes('event=tenant_message_dropped')
      ? [`${field(line, 'tenantId')} ${field(line, 'reason')}`]
      : [];
  });
  // Of those that came twice, too, whichever came after the first pull.
  const others = reasons.filter((reason) => reason !== `${first} done`).sort();
  expect(others).toEqual(
    [`${second} done`, `${stranger} tenant_not_found`, 'undefined unreadable', 'undefined unreadable'].sort(),
  );
  expect(tenantVersionsOf(await system.drain())).toEqual(expected);
});

it(
  'a tenant whose instance is killed in the middle of its pull is pulled by the next round',
  async () => {
    const tenant = ids.at(-3) ?? '';
    const expected = await addAlertIn(system, [tenant], { count: 20 });
    await Promise.all(instances.map(({ host }) => host.stop()));
    await system.control('DELETE', '/requests');
    await system.addFault({ service: 'defender', match: { tenant }, effect: { delayMs: 600_000 } });
    const doomed = await startHostProcess(system.settings(settings));
    await fetch(`${doomed.url}/admin/functions/pullAlerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    });
    // Held while it waits for the answer.
    const table = TableClient.fromConnectionString(system.connectionString, 'checkpoints', {
      allowInsecureConnection: true,
    });
    await until(async () => ((await table.getEntity(tenant, 'endpoint')).owner === '' ? undefined : true));
    await doomed.kill();
    await system.control('DELETE', '/faults');

    const leaseUntil = new Date(0).toISOString();
    await table.updateEntity({ partitionKey: tenant, rowKey: 'endpoint', leaseUntil }, 'Merge');
    const heir = await system.startFunctions(settings);
    const from = system.log.length;
    await heir.trigger('pullAlerts');
    await heir.logged(new RegExp(`event=alert_pull_finished .*tenantId=${tenant}`), from);
    expect(tenantVersionsOf(await system.drain())).toEqual(expected);
  },
  TIMEOUT_MS,
);
