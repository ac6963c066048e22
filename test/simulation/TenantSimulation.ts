import { AlertPull } from '../../src/alerts/AlertPull.ts';
import { messageKey, type AlertVersion } from '../../src/alerts/AlertVersion.ts';
import type { Tenant } from '../../src/tenants/Tenant.ts';
import type { TenantRunEnd } from '../../src/tenants/TableTenantDirectory.ts';
import { TenantList } from '../../src/tenants/TenantList.ts';
import { TenantPulls } from '../../src/tenants/TenantPulls.ts';
import type { TenantRecord } from '../../src/tenants/TenantRecord.ts';
import { Turns } from '../../src/tenants/Turns.ts';
import { createLogger } from '../../src/runtime/Logger.ts';
import { PULL_SETTINGS } from '../support/createTestPull.ts';
import { EventClock } from '../support/EventClock.ts';
import { withSteps } from '../support/killable.ts';
import { MemoryCheckpoints, MemoryLedger, MemoryOutbox, MemoryQuarantine } from '../support/memoryStores.ts';
import { createRandom } from '../support/random.ts';
import { createTenant, HOME, rowOf } from '../support/tenants.ts';
import { TenantSource, type TenantTrouble } from './TenantSource.ts';
import { World } from './World.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse('2026-11-01T00:00:00Z');
/** What each call to storage takes; the pull keeps its place meanwhile. */
const STORAGE_MS = 4;

export interface TenantSimulationOptions {
  readonly seed: number;
  readonly tenants: number;
  /** Pulls that work at once. */
  readonly places: number;
  /** By number of the tenant. */
  readonly troubles: ReadonlyMap<number, TenantTrouble>;
  /** By the timer itself, or by messages over so many instances. */
  readonly by: 'timer' | { readonly instances: number };
}

/** When each version was handed over first, by tenant and message key; milliseconds. */
export type HandOvers = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** A timer every five minutes over tenants with alerts of their own; the same seed gives the same tenants. */
export async function simulateTenants(options: TenantSimulationOptions): Promise<HandOvers> {
  const { seed, tenants, places, troubles, by } = options;
  const clock = new EventClock(START);
  const handOvers = new Map<string, Map<string, number>>();
  const records = new Map<string, TenantRecord>();
  const pullers = new Map<
    string,
    (tenant: Tenant) => Omit<ConstructorParameters<typeof AlertPull>[0], 'clock'>
  >();
  for (let number = 1; number <= tenants; number += 1) {
    const record = createTenant(number);
    records.set(record.id, record);
    const random = createRandom(seed * 1_000 + number);
    const world = new World({
      start: START - HOUR_MS,
      end: START + HOUR_MS,
      random,
      alerts: 5 + Math.floor(random() * 40),
    });
    const source = new TenantSource(world, clock, random);
    source.trouble = troubles.get(number);
    const seen = new Map<string, number>();
    handOvers.set(record.id, seen);
    const stores = createStores(clock, (version) => {
      const key = messageKey(version);
      if (!seen.has(key)) seen.set(key, clock.now() - START);
    });
    const settings = { ...PULL_SETTINGS, quotaSharePercent: 5 + Math.floor(random() * 50) };
    pullers.set(record.id, ({ id }) => ({ ...stores, tenantId: id, source, random, settings }));
  }
  // Nothing is to be pulled from the home tenant here.
  records.set(HOME.tenantId, createTenant(0, { id: HOME.tenantId, isEnabled: false }));
  const list = () =>
    new TenantList(
      [...records.values()].map((record) => rowOf(record)),
      HOME,
    );
  const queue: string[] = [];
  const createPulls = () =>
    new TenantPulls({
      tenants: {
        listEnabled: () => Promise.resolve(list().tenants.filter(({ isEnabled }) => isEnabled)),
        find: (name) => Promise.resolve(list().find(name)),
        note: ({ id }, { startedAt, outcome }: TenantRunEnd) => {
          const record = records.get(id);
          if (record) records.set(id, { ...record, lastAttempt: startedAt, lastOutcome: outcome });
          return Promise.resolve();
        },
      },
      homeId: HOME.tenantId,
      pullOf: (tenant, run) => {
        const init = pullers.get(tenant.id)?.(tenant);
        if (!init) throw new Error('there is no such tenant');
        return new AlertPull({
          ...init,
          source: run.source(init.source),
          clock: run.clock,
          settings: { ...init.settings, budgetMs: run.budgetMs },
          longestWaitMs: run.longestWaitMs,
        });
      },
      queue: {
        put: (ids, { now, lifeMs }) => {
          for (const id of ids) {
            const text = JSON.stringify({ tenantId: id, enqueued: new Date(now).toISOString(), lifeMs });
            queue.push(text);
            // What nobody has taken by then vanishes.
            void clock.sleep(lifeMs).then(() => {
              const index = queue.indexOf(text);
              if (index >= 0) queue.splice(index, 1);
            });
          }
          return Promise.resolve();
        },
      },
      turns: new Turns(places),
      fanOutAbove: by === 'timer' ? tenants : 0,
      budgetMs: 8 * MINUTE_MS,
      clock,
    });
  const end = START + 90 * MINUTE_MS;
  let rounds = 0;
  const roundOf = () => {
    rounds += 1;
    return { owner: `round-${rounds}`, logger: quiet, signal: new AbortController().signal };
  };
  const timer = async () => {
    const pulls = createPulls();
    for (let due = START; due < end;) {
      await clock.sleep(due - clock.now());
      // The host does not call a timer again before the call before is over; what is due meanwhile is left out.
      await pulls.run(5 * MINUTE_MS, roundOf()).catch(() => undefined);
      while (due <= clock.now()) due += 5 * MINUTE_MS;
    }
  };
  /** As the host takes messages: up to 16 more whenever no more than 8 run. */
  const instance = async () => {
    const pulls = createPulls();
    const running = new Set<Promise<void>>();
    while (clock.now() < end) {
      for (const text of running.size <= 8 ? queue.splice(0, 16) : []) {
        const task = pulls.runQueued(JSON.parse(text), 1, roundOf()).finally(() => running.delete(task));
        running.add(task);
      }
      await clock.sleep(1_000);
    }
    await Promise.all(running);
  };
  const instances = by === 'timer' ? 0 : by.instances;
  await clock.run(Promise.all([timer(), ...Array.from({ length: instances }, instance)]));
  return handOvers;
}

function createStores(clock: EventClock, onSend: (version: AlertVersion) => void) {
  const step = () => clock.sleep(STORAGE_MS / 2);
  const outbox = new MemoryOutbox();
  return {
    checkpoints: withSteps(new MemoryCheckpoints(), step),
    ledger: withSteps(new MemoryLedger(), step),
    quarantine: withSteps(new MemoryQuarantine(), step),
    outbox: withSteps(
      {
        async send(batch: readonly AlertVersion[]) {
          await outbox.send(batch);
          batch.forEach(onSend);
        },
      },
      step,
    ),
  };
}

const quiet = createLogger({ info: () => undefined, warn: () => undefined, error: () => undefined });
