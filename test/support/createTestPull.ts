import { AlertPull, type PullOutcome } from '../../src/alerts/AlertPull.ts';
import type { Checkpoint, StoredCheckpoint } from '../../src/alerts/Checkpoint.ts';
import type { Outbox } from '../../src/alerts/Outbox.ts';
import type { AlertSettings } from '../../src/settings/parseSettings.ts';
import { ORIGIN } from './alerts.ts';
import { collectLogs, type CollectedLogs } from './collectLogs.ts';
import { MemorySource } from './MemorySource.ts';
import { MemoryCheckpoints, MemoryLedger, MemoryOutbox, MemoryQuarantine } from './memoryStores.ts';
import { VirtualClock } from './VirtualClock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When the test tenant's clock stands at the start. */
export const START = Date.parse('2026-11-21T12:00:00Z');

/** The settings' defaults, but for pages that are easily filled. */
export const PULL_SETTINGS: AlertSettings = {
  budgetMs: 8 * MINUTE_MS,
  firstLookbackMs: 48 * HOUR_MS,
  overlapMs: 15 * MINUTE_MS,
  sweepLookbackMs: 24 * HOUR_MS,
  sweepIntervalMs: HOUR_MS,
  pageSize: 10,
  quotaSharePercent: 60,
  ledgerRetentionMs: 30 * 24 * HOUR_MS,
  webhookUrl: undefined,
};

export interface TestPull {
  readonly clock: VirtualClock;
  readonly source: MemorySource;
  readonly checkpoints: MemoryCheckpoints;
  readonly ledger: MemoryLedger;
  readonly outbox: MemoryOutbox;
  readonly quarantine: MemoryQuarantine;
  readonly logs: CollectedLogs;
  /** One run in a process of its own. */
  run(signal?: AbortSignal): Promise<PullOutcome>;
  stored(): Promise<StoredCheckpoint | undefined>;
  /** The stored checkpoint. @throws when there is none. */
  checkpoint(): Promise<Checkpoint>;
  /** Ids of the alerts that were handed over, sorted, each as often as it was. */
  handedOver(): string[];
}

export interface TestPullInit {
  readonly settings?: Partial<AlertSettings>;
  /** Stands before the outbox in memory, to refuse or to watch. */
  readonly outbox?: (inner: MemoryOutbox) => Outbox;
}

/** A pull over a service and stores in memory, in virtual time. */
export function createTestPull({ settings, outbox: wrap }: TestPullInit = {}): TestPull {
  const clock = new VirtualClock(START);
  const source = new MemorySource(clock);
  const checkpoints = new MemoryCheckpoints();
  const ledger = new MemoryLedger();
  const outbox = new MemoryOutbox();
  const quarantine = new MemoryQuarantine();
  const logs = collectLogs();
  const never = new AbortController().signal;
  let runs = 0;
  const stored = () => checkpoints.read(ORIGIN);
  return {
    clock,
    source,
    checkpoints,
    ledger,
    outbox,
    quarantine,
    logs,
    run(signal = never) {
      runs += 1;
      const pull = new AlertPull({
        tenantId: ORIGIN.tenantId,
        source,
        // Like the real store, it does nothing for a run that was aborted.
        checkpoints: {
          async read(origin, readSignal) {
            readSignal.throwIfAborted();
            return await checkpoints.read(origin);
          },
          async write(origin, row, etag, writeSignal) {
            writeSignal.throwIfAborted();
            return await checkpoints.write(origin, row, etag);
          },
        },
        ledger,
        outbox: wrap?.(outbox) ?? outbox,
        quarantine,
        clock,
        random: () => 0.5,
        settings: { ...PULL_SETTINGS, ...settings },
      });
      return pull.run(`run-${runs}`, logs.logger, signal);
    },
    stored,
    async checkpoint() {
      const found = await stored();
      if (!found) throw new Error('there is no checkpoint');
      return found.checkpoint;
    },
    handedOver: () => outbox.sent.map(({ alertId }) => alertId).sort(),
  };
}
