import { describe, expect, it } from 'vitest';
import { AlertPull } from '../../src/alerts/AlertPull.ts';
import { messageKey } from '../../src/alerts/AlertVersion.ts';
import { formatTicks } from '../../src/alerts/ticks.ts';
import { createLogger } from '../../src/runtime/Logger.ts';
import { Killed, withSteps } from '../support/killable.ts';
import { MemoryCheckpoints, MemoryLedger, MemoryOutbox, MemoryQuarantine } from '../support/memoryStores.ts';
import { createRandom } from '../support/random.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { SimulatedSource } from '../simulation/SimulatedSource.ts';
import { World } from '../simulation/World.ts';

const START = Date.parse('2026-11-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const LEASE_MS = 3 * 60_000;
const BATCH = 100;
const quiet = createLogger({ info: () => undefined, warn: () => undefined, error: () => undefined });

/** A tenant in which everything happens that has a path of its own: full pages, bursts, a window that fails, a sweep. */
function createScenario() {
  const clock = new VirtualClock(START);
  const random = createRandom(7);
  const world = new World({ start: START - 30 * HOUR_MS, end: START - HOUR_MS, random, alerts: 110 });
  const shown = world.alerts.filter((alert) => world.shown(alert, START));
  const faults = { chance: 0, poisonous: new Set(shown.slice(3, 4).map(({ id }) => id)), downUntil: 0 };
  const source = new SimulatedSource({ world, clock, random, faults, clockSkewMs: 0 });
  const checkpoints = new MemoryCheckpoints();
  const ledger = new MemoryLedger();
  const outbox = new MemoryOutbox();
  const settings = {
    budgetMs: HOUR_MS,
    firstLookbackMs: 48 * HOUR_MS,
    overlapMs: 15 * 60_000,
    sweepLookbackMs: 24 * HOUR_MS,
    sweepIntervalMs: HOUR_MS,
    pageSize: 40,
    quotaSharePercent: 100,
    ledgerRetentionMs: 24 * HOUR_MS * 30,
    webhookUrl: undefined,
  };

  /** Runs the pull once; the process dies at the step with this number, if it gets there. @returns the steps taken. */
  async function run(dieAt: number): Promise<number> {
    let steps = 0;
    const step = () => {
      steps += 1;
      return steps >= dieAt ? Promise.reject(new Killed()) : Promise.resolve();
    };
    const pull = new AlertPull({
      tenantId: 'contoso',
      source: withSteps(source, step),
      checkpoints: withSteps(checkpoints, step),
      ledger: withSteps(ledger, step),
      outbox: withSteps(outbox, step),
      quarantine: withSteps(new MemoryQuarantine(), step),
      clock,
      random,
      settings,
    });
    try {
      await pull.run('run', quiet, AbortSignal.timeout(60_000));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    return steps;
  }

  function missing(): string[] {
    return world.alerts.flatMap((alert) => {
      const version = world.shown(alert, clock.now());
      if (!version) return [];
      const key = messageKey({
        tenantId: 'contoso',
        source: 'endpoint',
        alertId: alert.id,
        version: formatTicks(version.ticks),
      });
      return outbox.counts.has(key) ? [] : [key];
    });
  }

  return { clock, outbox, run, missing };
}

describe('a pull that is killed', () => {
  it('at any step of its first or second run loses nothing and repeats at most one batch', async () => {
    const whole = createScenario();
    const firstSteps = await whole.run(Infinity);
    whole.clock.advance(2 * HOUR_MS);
    const secondSteps = await whole.run(Infinity);
    expect(whole.missing()).toEqual([]);
    // Enough to have met every kind of step: pages, batches, gaps, the sweep.
    expect(firstSteps).toBeGreaterThan(100);

    for (const [runBefore, steps] of [
      [false, firstSteps],
      [true, secondSteps],
    ] as const) {
      for (let dieAt = 1; dieAt <= steps; dieAt += 1) {
        const scenario = createScenario();
        if (runBefore) {
          await scenario.run(Infinity);
          scenario.clock.advance(2 * HOUR_MS);
        }
        await scenario.run(dieAt);
        scenario.clock.advance(LEASE_MS + 1_000);
        await scenario.run(Infinity);
        scenario.clock.advance(2 * HOUR_MS);
        await scenario.run(Infinity);

        const where = `killed at step ${dieAt} of ${runBefore ? 'a later run' : 'the first run'}`;
        expect(scenario.missing(), where).toEqual([]);
        const repeats = [...scenario.outbox.counts.values()].reduce((sum, count) => sum + count - 1, 0);
        expect(repeats, where).toBeLessThanOrEqual(BATCH);
      }
    }
  }, 120_000);
});
