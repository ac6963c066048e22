import type { AlertOrigin, AlertVersion, Unstorable } from '../../src/alerts/AlertVersion.ts';
import { messageKey } from '../../src/alerts/AlertVersion.ts';
import type { Checkpoint, Lease, StoredCheckpoint } from '../../src/alerts/Checkpoint.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import type { CheckpointStore } from '../../src/alerts/CheckpointStore.ts';
import { fromRow, toRow, type CheckpointRow } from '../../src/alerts/checkpointRow.ts';
import type { Ledger } from '../../src/alerts/Ledger.ts';
import { ledgerGroupsBefore, ledgerRow } from '../../src/alerts/ledgerKeys.ts';
import type { Outbox } from '../../src/alerts/Outbox.ts';
import type { Quarantine } from '../../src/alerts/Quarantine.ts';
import type { Ticks } from '../../src/alerts/ticks.ts';

/** What Table Storage holds, in the form of its rows, so that the conversion is part of what is tested. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly rows = new Map<string, { row: CheckpointRow; etag: string }>();
  #writes = 0;

  read(origin: AlertOrigin): Promise<StoredCheckpoint | undefined> {
    const stored = this.rows.get(keyOf(origin));
    return Promise.resolve(stored && { ...fromRow(origin, { ...stored.row }), etag: stored.etag });
  }

  write(
    origin: AlertOrigin,
    { checkpoint, lease }: { checkpoint: Checkpoint; lease: Lease },
    etag: string | undefined,
  ): Promise<string> {
    if (this.rows.get(keyOf(origin))?.etag !== etag) return Promise.reject(new CheckpointLost());
    this.#writes += 1;
    const next = `write-${this.#writes}`;
    this.rows.set(keyOf(origin), { row: toRow(origin, checkpoint, lease), etag: next });
    return Promise.resolve(next);
  }
}

export class MemoryLedger implements Ledger {
  readonly groups = new Map<string, Set<string>>();

  findHandedOver(group: string, batch: readonly AlertVersion[]): Promise<ReadonlySet<AlertVersion>> {
    const rows = this.groups.get(group);
    return Promise.resolve(new Set(batch.filter((version) => rows?.has(ledgerRow(version)))));
  }

  record(group: string, batch: readonly AlertVersion[]): Promise<void> {
    if (batch.length > 100) throw new Error('A table transaction takes 100 operations.');
    const rows = this.groups.get(group) ?? new Set();
    this.groups.set(group, rows);
    for (const version of batch) rows.add(ledgerRow(version));
    return Promise.resolve();
  }

  forget(origin: AlertOrigin, horizon: Ticks): Promise<boolean> {
    const [first, end] = ledgerGroupsBefore(origin, horizon);
    for (const group of this.groups.keys()) if (group >= first && group < end) this.groups.delete(group);
    return Promise.resolve(false);
  }
}

export class MemoryOutbox implements Outbox {
  readonly sent: AlertVersion[] = [];
  /** How often each version was sent, by message key. */
  readonly counts = new Map<string, number>();

  send(batch: readonly AlertVersion[]): Promise<void> {
    for (const version of batch) this.#take(version);
    return Promise.resolve();
  }

  #take(version: AlertVersion): void {
    this.sent.push(version);
    const key = messageKey(version);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

export class MemoryQuarantine implements Quarantine {
  readonly kept = new Map<string, Unstorable>();

  keep(_origin: AlertOrigin, found: Unstorable): Promise<string | undefined> {
    const name = found.bytes.toString('utf8');
    if (this.kept.has(name)) return Promise.resolve(undefined);
    this.kept.set(name, found);
    return Promise.resolve(name);
  }
}

function keyOf({ tenantId, source }: AlertOrigin): string {
  return `${tenantId}/${source}`;
}
