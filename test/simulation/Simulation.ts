import { AlertPull } from '../../src/alerts/AlertPull.ts';
import { messageKey } from '../../src/alerts/AlertVersion.ts';
import type { Checkpoint } from '../../src/alerts/Checkpoint.ts';
import { fromRow } from '../../src/alerts/checkpointRow.ts';
import type { CheckpointStore } from '../../src/alerts/CheckpointStore.ts';
import type { Outbox } from '../../src/alerts/Outbox.ts';
import { formatTicks, fromUnixMs, type Ticks } from '../../src/alerts/ticks.ts';
import { createLogger } from '../../src/runtime/Logger.ts';
import { MemoryCheckpoints, MemoryLedger, MemoryOutbox, MemoryQuarantine } from '../support/memoryStores.ts';
import { Killed, withSteps } from '../support/killable.ts';
import { createRandom } from '../support/random.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { Chaos, type SimulatedProcess } from './Chaos.ts';
import { SimulatedSource, type SourceFaults } from './SimulatedSource.ts';
import { World, type WorldAlert, type WorldVersion } from './World.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse('2026-11-01T00:00:00Z');
const OVERLAP_MS = 15 * MINUTE_MS;
const ORIGIN = { tenantId: 'contoso', source: 'endpoint' };

export interface SimulationOptions {
  /** With kills and stalls; without them nothing may be repeated. */
  readonly crashes: boolean;
}

export interface SimulationResult {
  /** Versions that were current when updates settled and were not handed over. */
  readonly missing: string[];
  /** How often versions were handed over beyond once. */
  readonly repeats: number;
  /** Times at which a process was killed or lost its turn: each may repeat one batch. */
  readonly interruptions: number;
  /** Most calls in any 60 seconds and any 60 minutes, and what was allowed. */
  readonly quota: {
    readonly minute: number;
    readonly hour: number;
    readonly perMinute: number;
    readonly perHour: number;
  };
  /** Watermarks that had passed an alert which was not handed over. */
  readonly passed: string[];
  readonly openGaps: number;
  readonly runs: number;
}

/** Runs the real pull over a simulated tenant in virtual time, then lets everything settle. */
export async function simulate(seed: number, { crashes }: SimulationOptions): Promise<SimulationResult> {
  const random = createRandom(seed);
  const clock = new VirtualClock(START);
  const activeHours = 3 + random() * 4;
  const world = new World({
    start: START - 40 * HOUR_MS,
    end: START + activeHours * HOUR_MS,
    random,
    alerts: 60 + Math.floor(random() * 200),
  });
  const faults: SourceFaults = {
    chance: random() < 0.3 ? 0 : random() * 0.25,
    poisonous: new Set(world.alerts.filter(() => random() < 0.01).map(({ id }) => id)),
    downUntil: 0,
  };
  const clockSkewMs = (random() - 0.5) * 20 * MINUTE_MS;
  const source = new SimulatedSource({ world, clock, random, faults, clockSkewMs });
  const quotaSharePercent = 10 + Math.floor(random() * 50);
  const settings = {
    budgetMs: 8 * MINUTE_MS,
    firstLookbackMs: 48 * HOUR_MS,
    overlapMs: OVERLAP_MS,
    sweepLookbackMs: 24 * HOUR_MS,
    sweepIntervalMs: HOUR_MS,
    pageSize: 5 + Math.floor(random() * 60),
    quotaSharePercent,
    ledgerRetentionMs: 30 * 24 * HOUR_MS,
    webhookUrl: undefined,
  };

  const checkpoints = new MemoryCheckpoints();
  const ledger = new MemoryLedger();
  const outbox = new MemoryOutbox();
  const quarantine = new MemoryQuarantine();
  const passed: string[] = [];
  let runs = 0;

  const store: CheckpointStore = checkpoints;
  const chaos = new Chaos({
    random,
    killChance: crashes ? 0.004 : 0,
    stallChance: crashes ? 0.001 : 0,
    duringStall: async () => {
      clock.advance(6 * MINUTE_MS);
      await runOnce();
    },
  });

  async function runOnce(): Promise<void> {
    runs += 1;
    const process: SimulatedProcess = { isDead: false };
    const step = () => chaos.step(process);
    const startedAt = source.serviceNow();
    const watermarkBefore = readStored()?.watermark ?? 0n;
    const watched = withSteps(store, step);
    const pull = new AlertPull({
      tenantId: ORIGIN.tenantId,
      source: withSteps(source, step),
      checkpoints: {
        read: (...args) => watched.read(...args),
        async write(...args) {
          const etag = await watched.write(...args);
          passed.push(...findPassed(startedAt, watermarkBefore));
          return etag;
        },
      },
      ledger: withSteps(ledger, step),
      outbox: oneByOne(withSteps(outbox, step)),
      quarantine: withSteps(quarantine, step),
      clock,
      random,
      settings,
    });
    try {
      const outcome = await pull.run(`run-${runs}`, quiet, AbortSignal.timeout(600_000));
      if (outcome === 'finished') passed.push(...findPassed(startedAt, 0n));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  function readStored(): Checkpoint | undefined {
    const stored = checkpoints.rows.get(`${ORIGIN.tenantId}/${ORIGIN.source}`);
    return stored && fromRow(ORIGIN, { ...stored.row }).checkpoint;
  }

  /**
   * Alerts that the service showed during the whole run, that were not too late for the overlap, and that the watermark
   * has passed without their being handed over. During a run only what that run itself passed can be judged: what
   * appeared late behind the watermark is read by the run, but only afterwards.
   */
  function findPassed(startedAt: number, watermarkBefore: Ticks): string[] {
    const checkpoint = readStored();
    if (!checkpoint) return [];
    return world.alerts.flatMap((alert) => {
      const version = world.shown(alert, startedAt);
      if (!version || version !== world.shown(alert, source.serviceNow())) return [];
      const isDue =
        version.ticks >= checkpoint.startedFrom &&
        version.ticks >= watermarkBefore &&
        version.ticks < checkpoint.watermark &&
        fromUnixMs(version.visibleAt) - version.ticks <= BigInt(OVERLAP_MS) * 10_000n &&
        !checkpoint.gaps.some(({ from, to }) => version.ticks >= from && version.ticks < to);
      return isDue && !outbox.counts.has(keyOf(alert, version)) ? [keyOf(alert, version)] : [];
    });
  }

  for (const end = START + activeHours * HOUR_MS; clock.now() < end;) {
    clock.advance((1 + random() * 4) * MINUTE_MS);
    if (faults.chance > 0 && random() < 0.01) faults.downUntil = clock.now() + random() * HOUR_MS;
    await runOnce();
  }
  chaos.isCalm = true;
  faults.chance = 0;
  faults.downUntil = 0;
  for (const end = clock.now() + 28 * HOUR_MS; clock.now() < end;) {
    clock.advance(20 * MINUTE_MS);
    await runOnce();
  }

  const final = readStored();
  return {
    missing: world.alerts.flatMap((alert) => {
      const version = world.shown(alert, source.serviceNow());
      const isDue = version !== undefined && final !== undefined && version.ticks >= final.startedFrom;
      return isDue && !outbox.counts.has(keyOf(alert, version)) ? [keyOf(alert, version)] : [];
    }),
    repeats: [...outbox.counts.values()].reduce((sum, count) => sum + count - 1, 0),
    interruptions: chaos.kills + chaos.stalls,
    quota: {
      minute: mostWithin(source.calls, MINUTE_MS),
      hour: mostWithin(source.calls, HOUR_MS),
      perMinute: Math.max(1, Math.floor(quotaSharePercent)),
      perHour: Math.max(1, Math.floor((1500 * quotaSharePercent) / 100)),
    },
    passed,
    openGaps: final?.gaps.length ?? -1,
    runs,
  };
}

const quiet = createLogger({ info: () => undefined, warn: () => undefined, error: () => undefined });

function keyOf(alert: WorldAlert, version: WorldVersion): string {
  return messageKey({ ...ORIGIN, alertId: alert.id, version: formatTicks(version.ticks) });
}

/** A batch is many messages: a process can be killed between two of them. */
function oneByOne(outbox: Outbox): Outbox {
  return {
    async send(batch, signal) {
      for (const version of batch) await outbox.send([version], signal);
    },
  };
}

/** The most events in any half-open interval of this length. */
function mostWithin(times: readonly number[], lengthMs: number): number {
  let most = 0;
  let first = 0;
  times.forEach((time, index) => {
    while ((times[first] ?? time) <= time - lengthMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
