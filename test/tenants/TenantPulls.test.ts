import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PullOutcome } from '../../src/alerts/AlertPull.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { StorageError } from '../../src/storage/StorageError.ts';
import { inOrderOfNeed } from '../../src/tenants/inOrderOfNeed.ts';
import type { TenantRunEnd } from '../../src/tenants/TableTenantDirectory.ts';
import type { Tenant } from '../../src/tenants/Tenant.ts';
import { TenantList } from '../../src/tenants/TenantList.ts';
import type { TenantRun } from '../../src/tenants/TenantPuller.ts';
import { TenantPulls } from '../../src/tenants/TenantPulls.ts';
import type { TenantRecord } from '../../src/tenants/TenantRecord.ts';
import { Turns } from '../../src/tenants/Turns.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { EventClock } from '../support/EventClock.ts';
import { createTenant, HOME, rowOf, tenantId } from '../support/tenants.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;

interface World {
  readonly fanOutAbove?: number;
  readonly places?: number;
  readonly home?: Partial<TenantRecord>;
  /** What a pull does. */
  readonly pull?: (tenant: Tenant, run: TenantRun) => Promise<PullOutcome>;
  /** Throws what keeps a pull from being made. */
  readonly open?: (tenant: Tenant) => void;
  readonly note?: () => void;
}

/** Tenants 1 to `count`, the home tenant, and pulls that take no time unless told otherwise. */
function createWorld(count: number, world: World = {}) {
  const clock = new EventClock(START);
  const logs = collectLogs();
  const records = new Map(
    Array.from({ length: count }, (_, index) => [tenantId(index + 1), createTenant(index + 1)]),
  );
  if (world.home) records.set(HOME.tenantId, createTenant(0, { ...world.home, id: HOME.tenantId }));
  const list = () =>
    new TenantList(
      [...records.values()].map((record) => rowOf(record)),
      HOME,
    );
  const pulled: { id: string; at: number; run: TenantRun }[] = [];
  const queued: { ids: readonly string[]; now: number; lifeMs: number }[] = [];
  const failures: { list?: Error; put?: Error } = {};
  const pulls = new TenantPulls({
    tenants: {
      listEnabled: () =>
        failures.list
          ? Promise.reject(failures.list)
          : Promise.resolve(list().tenants.filter(({ isEnabled }) => isEnabled)),
      find: (name) => Promise.resolve().then(() => list().find(name)),
      note: async ({ id }, { startedAt, outcome }: TenantRunEnd) => {
        await Promise.resolve();
        world.note?.();
        const record = records.get(id);
        const success = outcome === 'finished' ? { lastSuccess: clock.now() } : {};
        if (record) records.set(id, { ...record, lastAttempt: startedAt, lastOutcome: outcome, ...success });
      },
    },
    homeId: HOME.tenantId,
    pullOf: (tenant, run) => {
      world.open?.(tenant);
      return {
        run: async () => {
          pulled.push({ id: tenant.id, at: clock.now() - START, run });
          return (await world.pull?.(tenant, run)) ?? 'finished';
        },
      };
    },
    queue: {
      put: (ids: readonly string[], { now, lifeMs }: { now: number; lifeMs: number }) => {
        if (failures.put) return Promise.reject(failures.put);
        queued.push({ ids, now, lifeMs });
        return Promise.resolve();
      },
    },
    turns: new Turns(world.places ?? 8),
    fanOutAbove: world.fanOutAbove ?? 25,
    budgetMs: 8 * MINUTE_MS,
    clock,
  });
  const round = { owner: 'round', logger: logs.logger, signal: new AbortController().signal };
  return {
    ...{ clock, logs, records, pulled, queued, failures },
    run: (intervalMs?: number) => clock.run(pulls.run(intervalMs, round)),
    take: (message: unknown, attempt = 1) => clock.run(pulls.runQueued(message, attempt, round)),
  };
}

const refused = new CredentialRefused({
  subject: 'x',
  error: 'unauthorized_client',
  number: '700016',
  correlationId: undefined,
  cause: undefined,
});
const idsOf = (pulled: readonly { id: string }[]) => pulled.map(({ id }) => id);

describe('a round of few tenants', () => {
  it('pulls each of them, the home tenant first, and notes how that ended', async () => {
    const { run, pulled, records, logs } = createWorld(3);
    records.set(tenantId(2), createTenant(2, { isEnabled: false }));
    await run();
    expect(idsOf(pulled)).toEqual([HOME.tenantId, tenantId(1), tenantId(3)]);
    expect(records.get(tenantId(3))).toMatchObject({ lastSuccess: START, lastOutcome: 'finished' });
    expect(records.get(tenantId(2))?.lastAttempt).toBeUndefined();
    expect(logs.of('tenants_pulled')[0]).toMatch(/tenants=3 finished=3 paused=0 failed=0/);
  });

  it('says nothing about tenants where there is only the home tenant', async () => {
    const { run, pulled, logs } = createWorld(0);
    await run();
    expect(idsOf(pulled)).toEqual([HOME.tenantId]);
    expect(logs.lines).toEqual([]);
  });

  it('pulls the others when one fails, and is not itself a failure because of that', async () => {
    const pull = ({ id }: Tenant) =>
      id === tenantId(1) ? Promise.reject(refused) : Promise.resolve('finished' as const);
    const { run, pulled, records, logs } = createWorld(3, { pull });
    await run();
    expect(pulled).toHaveLength(4);
    expect(records.get(tenantId(1))).toMatchObject({ lastOutcome: 'credential_refused' });
    expect(records.get(tenantId(1))?.lastSuccess).toBeUndefined();
    expect(records.get(tenantId(3))).toMatchObject({ lastOutcome: 'finished' });
    expect(logs.of('tenants_pulled')[0]).toMatch(/finished=3 paused=0 failed=1/);
  });

  it('fails when the home tenant fails, once all others are done', async () => {
    const pull = async ({ isHome }: Tenant, { clock }: TenantRun) => {
      if (isHome) throw refused;
      await clock.sleep(MINUTE_MS, new AbortController().signal);
      return 'finished' as const;
    };
    const { run, records } = createWorld(2, { pull });
    await expect(run()).rejects.toBe(refused);
    expect(records.get(tenantId(2))).toMatchObject({ lastSuccess: START + MINUTE_MS });
  });

  it('fails when everybody fails, also where the home tenant is paused', async () => {
    const { run } = createWorld(3, { pull: () => Promise.reject(refused), home: { isEnabled: false } });
    await expect(run()).rejects.toBe(refused);
  });

  it('logs with its tenant what keeps a pull from being made', async () => {
    const open = ({ id }: Tenant) => {
      if (id === tenantId(1)) throw refused;
    };
    const { run, records, logs } = createWorld(1, { open });
    await run();
    expect(logs.of('alert_pull_failed')).toEqual([
      expect.stringMatching(/code=credential_refused .*tenantId=0{8}-/),
    ]);
    expect(records.get(tenantId(1))).toMatchObject({ lastOutcome: 'credential_refused' });
  });

  it('pulls nobody and fails when it cannot know who is paused', async () => {
    const { run, pulled, failures, logs } = createWorld(1);
    failures.list = new StorageError('Read tenants', new Error('down'));
    await expect(run()).rejects.toBe(failures.list);
    expect(pulled).toEqual([]);
    expect(logs.of('alert_pull_failed')[0]).toContain(`tenantId=${HOME.tenantId}`);
  });

  it('is no failure when what it would note cannot be stored', async () => {
    const note = () => {
      throw new StorageError('Write tenant', new Error('down'));
    };
    const { run, logs } = createWorld(1, { note });
    await run();
    expect(logs.events()).toEqual(['tenant_not_noted', 'tenant_not_noted', 'tenants_pulled']);
  });

  it('leaves the note to the run that has the checkpoint', async () => {
    const { run, records } = createWorld(1, { pull: () => Promise.resolve('skipped') });
    await run();
    expect(records.get(tenantId(1))?.lastAttempt).toBeUndefined();
  });

  it('lets tenants that wait hold up nobody, though they are more than there are places', async () => {
    const waits = new Set([1, 2, 3, 4, 5, 6].map(tenantId));
    const pull = async ({ id }: Tenant, { clock }: TenantRun) => {
      if (!waits.has(id)) return 'finished' as const;
      await clock.sleep(7 * MINUTE_MS, new AbortController().signal);
      return 'paused' as const;
    };
    const { run, pulled, clock, records } = createWorld(12, { pull, places: 2 });
    await run();
    expect(pulled).toHaveLength(13);
    expect(pulled.filter(({ id, at }) => !waits.has(id) && at > 0)).toEqual([]);
    expect(clock.now() - START).toBe(7 * MINUTE_MS);
    expect(records.get(tenantId(1))).toMatchObject({ lastOutcome: 'paused' });
  });
});

describe('the time of a round', () => {
  it('ends before the next round is due, which would not come otherwise', async () => {
    const { run, pulled } = createWorld(1);
    await run(5 * MINUTE_MS);
    await run(60 * MINUTE_MS);
    const limits = pulled.map(({ run: { budgetMs, longestWaitMs } }) => [
      budgetMs / MINUTE_MS,
      longestWaitMs,
    ]);
    expect(limits).toEqual([4, 4, 8, 8].map((minutes) => [minutes, undefined]));
  });

  it('is not spent on waiting where nobody knows when the next round is due', async () => {
    const { run, pulled } = createWorld(1);
    await run();
    expect(pulled.map(({ run: { longestWaitMs } }) => longestWaitMs)).toEqual([10_000, 10_000]);
  });

  it('belongs to the home tenant where it is the only one', async () => {
    const { run, pulled } = createWorld(0);
    await run(5 * MINUTE_MS);
    expect(pulled).toMatchObject([{ run: { budgetMs: 8 * MINUTE_MS, longestWaitMs: undefined } }]);
  });
});

describe('a round whose time ends before all were reached', () => {
  it('is gone on with by the next round, so that after a few rounds everybody had a turn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 8 * 60 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 3 }),
        async (seconds, places) => {
          // Pulls that keep their place to the end, which is what none of ours does.
          const work: { clock?: EventClock } = {};
          const pull = async ({ id }: Tenant) => {
            await work.clock?.sleep((seconds[Number(id.slice(-2)) - 1] ?? 1) * 1_000);
            return 'paused' as const;
          };
          const { run, pulled, clock } = createWorld(seconds.length, { pull, places });
          work.clock = clock;
          // A place has time for at least one pull in each round, and the home tenant takes the first.
          const rounds = Math.ceil(seconds.length / places) + 1;
          for (let round = 0; round < rounds; round += 1) {
            await run();
            await clock.pass(MINUTE_MS);
          }
          expect(new Set(idsOf(pulled)).size).toBe(seconds.length + 1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('gives a tenant only what is left of the time', async () => {
    const work: { clock?: EventClock } = {};
    const pull = async () => {
      await work.clock?.sleep(5 * MINUTE_MS);
      return 'paused' as const;
    };
    const { run, pulled, clock, logs } = createWorld(3, { pull, places: 1 });
    work.clock = clock;
    await run();
    expect(pulled.map(({ run: { budgetMs } }) => budgetMs / MINUTE_MS)).toEqual([8, 3]);
    expect(logs.of('tenants_pulled')[0]).toMatch(/paused=2 failed=0 unreached=2/);
  });
});

describe('the order of tenants', () => {
  it('is the home tenant, then whoever was tried longest ago, so that failing does not help', () => {
    const order = inOrderOfNeed([
      createTenant(1, { lastAttempt: 3_000, lastSuccess: undefined, lastOutcome: 'credential_refused' }),
      createTenant(2, { lastAttempt: 2_000, lastSuccess: 2_500 }),
      createTenant(3),
      createTenant(4, { isHome: true, lastAttempt: 9_000 }),
    ]);
    expect(order.map(({ id }) => id)).toEqual([4, 3, 2, 1].map(tenantId));
  });
});

describe('a round of many tenants', () => {
  it('queues each of them, with a life that ends when the next round comes', async () => {
    const { run, pulled, queued, records } = createWorld(25);
    records.set(tenantId(1), createTenant(1, { lastAttempt: START - 1 }));
    await run(5 * MINUTE_MS);
    expect(pulled).toEqual([]);
    expect(queued).toHaveLength(1);
    expect(queued[0]).toMatchObject({ now: START, lifeMs: 5 * MINUTE_MS });
    expect(queued[0]?.ids).toHaveLength(26);
    expect(queued[0]?.ids.at(0)).toBe(HOME.tenantId);
    expect(queued[0]?.ids.at(-1)).toBe(tenantId(1));
  });

  it('takes the time of a run where it does not know when the next round comes', async () => {
    const { run, queued } = createWorld(0, { fanOutAbove: 0 });
    await run();
    expect(queued).toEqual([{ ids: [HOME.tenantId], now: START, lifeMs: 8 * MINUTE_MS }]);
  });

  it('fails when the queue does not take them', async () => {
    const { run, failures } = createWorld(30);
    failures.put = new StorageError("Send to queue 'tenant-pulls'", new Error('down'));
    await expect(run()).rejects.toBe(failures.put);
  });
});

describe('a message of the queue', () => {
  const messageFor = (number: number, at = START) => ({
    tenantId: tenantId(number),
    enqueued: new Date(at).toISOString(),
    lifeMs: 5 * MINUTE_MS,
  });

  it('pulls its tenant, is done before the next message, and leaves long waits to it', async () => {
    const { take, pulled, records } = createWorld(2);
    await take(messageFor(1));
    expect(pulled).toMatchObject([
      { id: tenantId(1), run: { budgetMs: 4 * MINUTE_MS, longestWaitMs: 10_000 } },
    ]);
    expect(records.get(tenantId(1))).toMatchObject({ lastOutcome: 'finished' });
  });

  it('is done with when its tenant fails: the next round has another one', async () => {
    const { take, records } = createWorld(1, { pull: () => Promise.reject(refused) });
    await take(messageFor(1));
    expect(records.get(tenantId(1))).toMatchObject({ lastOutcome: 'credential_refused' });
  });

  it.each<[string, unknown, number]>([
    ['unreadable', 'pull everybody', 1],
    ['tenant_not_found', messageFor(9), 1],
    ['paused', messageFor(2), 1],
    ['repeated', messageFor(1), 2],
    // Its tenant was pulled since.
    ['done', messageFor(3, START - 1), 1],
  ])('is dropped with a log when it is %s', async (reason, message, attempt) => {
    const { take, pulled, records, logs } = createWorld(3);
    records.set(tenantId(2), createTenant(2, { isEnabled: false }));
    records.set(tenantId(3), createTenant(3, { lastAttempt: START }));
    await take(message, attempt);
    expect(pulled).toEqual([]);
    expect(logs.lines).toEqual([expect.stringContaining(`event=tenant_message_dropped`)]);
    expect(logs.lines[0]).toContain(`reason=${reason}`);
  });
});
