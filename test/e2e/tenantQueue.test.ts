import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addAlertIn, Customers, tenantVersionsOf } from './support/Customers.ts';
import { field, System, until, type Functions } from './support/System.ts';

/** `TENANTS=500 npx vitest run test/e2e/tenantQueue.test.ts` shows that many and prints figures. */
const COUNT = Number(process.env.TENANTS ?? 40);
const TIMEOUT_MS = 60_000 + COUNT * 1_000;

let system: System;
let customers: Customers;
/** Two instances of the app, which share the queue. */
let functions: Functions;
let other: Functions;
let homeId: string;
let ids: string[];
beforeAll(async () => {
  system = await System.start();
  customers = await Customers.open(system);
  homeId = system.simulator.company.tenantId;
  ids = (await customers.add(COUNT, true)).map(({ id }) => id);
  await customers.list(Object.fromEntries(ids.map((id, index) => [id, `Customer ${index}`])));
  const settings = { DEFENDER_CREDENTIAL: 'clientSecret', TENANT_FAN_OUT_ABOVE: '25' };
  [functions, other] = await Promise.all([system.startFunctions(settings), system.startFunctions(settings)]);
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
    await functions.trigger('pullAlerts');
    const queued = await functions.logged(/event=tenants_queued/);
    expect(field(queued, 'tenants')).toBe(String(COUNT + 1));
    const finished = await linesOf(/event=alert_pull_finished/, COUNT + 1, 0);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    await settle();
    expect(finished.map((line) => field(line, 'tenantId')).sort()).toEqual([homeId, ...ids].sort());
    expect(system.log.filter((line) => /event=(alert_pull_(?!finished)|tenant_message_dropped)/.test(line))).toEqual([]);
    expect(tenantVersionsOf(await system.drain())).toEqual(expected);
    if (process.env.TENANTS) console.log(`${COUNT + 1} tenants, 2 instances, first pull: ${seconds} s`);
  },
  TIMEOUT_MS,
);

it(
  'a round while half of them are throttled or down gives the others theirs, and the next one all the rest',
  async () => {
    const from = system.log.length;
    const troubled = ids.slice(0, COUNT / 2);
    for (const [index, tenant] of troubled.entries()) {
      const effect = index % 2 === 0 ? { throttle: { retryAfter: 3600 } } : { status: 503 };
      await system.addFault({ service: 'defender', match: { tenant }, effect });
    }
    const healthy = await addAlertIn(system, [homeId, ...ids.slice(COUNT / 2)]);
    const others = await addAlertIn(system, troubled.filter((_, index) => index % 2 === 1));
    await functions.trigger('pullAlerts');
    const finished = await linesOf(/event=alert_pull_finished/, COUNT / 2 + 1, from);
    expect(finished.map((line) => field(line, 'tenantId')).sort()).toEqual([homeId, ...ids.slice(COUNT / 2)].sort());
    await linesOf(/event=alert_pull_paused/, COUNT / 2, from);
    await settle();
    expect(tenantVersionsOf(await system.drain())).toEqual(healthy);

    await system.control('DELETE', '/faults');
    const next = system.log.length;
    await functions.trigger('pullAlerts');
    // Those that were throttled still wait as they were told to.
    await linesOf(/event=alert_pull_finished/, COUNT + 1 - Math.ceil(COUNT / 4), next);
    await settle();
    expect(tenantVersionsOf(await system.drain())).toEqual(others);
  },
  2 * TIMEOUT_MS,
);

it('messages that come twice, late, or from nobody are dropped, and none is poison', async () => {
  const from = system.log.length;
  const [first = '', second = ''] = ids.slice(-2);
  const expected = await addAlertIn(system, [first]);
  const now = new Date().toISOString();
  const again = { tenantId: first, enqueued: now, lifeMs: 60_000 };
  await Promise.all([again, again, again].map(send));
  await send({ tenantId: second, enqueued: new Date(0).toISOString(), lifeMs: 60_000 });
  await send({ tenantId: 'a7c1f0de-0000-4000-8000-000000000000', enqueued: now, lifeMs: 60_000 });
  await send({ tenantId: first });
  await send('"><script>');
  const dropped = await linesOf(/event=tenant_message_dropped/, 3, from);
  await linesOf(/event=alert_pull_finished/, 1, from);
  await settle();
  const reasons = dropped.map((line) => field(line, 'reason'));
  expect(reasons).toEqual(expect.arrayContaining(['done', 'tenant_not_found', 'unreadable']));
  expect(tenantVersionsOf(await system.drain())).toEqual(expected);
});

it('a tenant is still pulled when the only instance that had its message dies', async () => {
  const expected = await addAlertIn(system, ids.slice(0, 1));
  await other.host.stop();
  expect(expected).toHaveLength(1);
});
