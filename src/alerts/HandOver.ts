import type { PageElement } from '../defender/PageSplitter.ts';
import type { Logger } from '../runtime/Logger.ts';
import { MAX_TRANSACTION_OPERATIONS } from '../storage/limits.ts';
import {
  isUnstorable,
  parseAlert,
  type AlertOrigin,
  type AlertVersion,
  type Unstorable,
} from './AlertVersion.ts';
import { isOldGroup, ledgerGroup, ledgerRow } from './ledgerKeys.ts';
import type { Ledger } from './Ledger.ts';
import type { Outbox } from './Outbox.ts';
import type { Quarantine } from './Quarantine.ts';
import type { Ticks } from './ticks.ts';

/** Alerts that wait for their batch to fill are held in memory; more than this is sent in smaller batches. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export interface HandOverInit {
  readonly origin: AlertOrigin;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly quarantine: Quarantine;
  readonly logger: Logger;
  /** Versions older than this are beyond what the ledger forgets. */
  readonly horizon: Ticks;
  /** Awaited before each batch; throws when this run no longer holds the checkpoint. */
  readonly keepHold: () => Promise<void>;
  readonly signal: AbortSignal;
}

export interface HandOverCounts {
  /** Elements of pages, repeats included. */
  read: number;
  /** Versions that the ledger did not know. */
  fresh: number;
  /** Versions put on the outbox. */
  handedOver: number;
  quarantined: number;
}

/**
 * Turns what a source gives into what the outbox gets: each version once.
 *
 * Invariant: a version is in the ledger only after the outbox took it, and batches go one after the other, so that a
 * crash repeats at most the one batch under way. `observe` collects; only after `flush` is everything handed over.
 */
export class HandOver {
  readonly counts: HandOverCounts = { read: 0, fresh: 0, handedOver: 0, quarantined: 0 };
  readonly #init: HandOverInit;
  readonly #waiting = new Map<string, Map<string, AlertVersion>>();
  #waitingBytes = 0;

  constructor(init: HandOverInit) {
    this.#init = init;
  }

  /** @returns the version, or undefined when the element was quarantined. @throws DefenderAnswerUnreadable, StorageError */
  async observe(element: PageElement, evidence: boolean): Promise<AlertVersion | undefined> {
    this.counts.read += 1;
    const parsed = parseAlert(element, this.#init.origin, !evidence);
    if (isUnstorable(parsed)) {
      await this.#quarantine(parsed);
      return undefined;
    }
    const group = ledgerGroup(parsed, this.#init.horizon);
    const batch = this.#waiting.get(group) ?? new Map<string, AlertVersion>();
    this.#waiting.set(group, batch);
    const row = ledgerRow(parsed);
    if (!batch.has(row)) {
      batch.set(row, parsed);
      this.#waitingBytes += parsed.bytes.length;
    }
    if (batch.size >= MAX_TRANSACTION_OPERATIONS) await this.#send(group, batch);
    else if (this.#waitingBytes > MAX_WAITING_BYTES) await this.flush();
    return parsed;
  }

  /** Hands over everything that was observed. @throws StorageError, CheckpointLost */
  async flush(): Promise<void> {
    for (const [group, batch] of [...this.#waiting]) await this.#send(group, batch);
  }

  /** Forgets what was observed and not handed over, after a page that broke off. */
  discard(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  async #send(group: string, waiting: Map<string, AlertVersion>): Promise<void> {
    const { ledger, outbox, keepHold, signal } = this.#init;
    const batch = [...waiting.values()];
    await keepHold();
    const unknown = without(batch, await ledger.findHandedOver(group, batch, signal));
    const fresh = isOldGroup(group) ? await this.#withoutAged(unknown) : unknown;
    this.counts.fresh += fresh.length;
    if (fresh.length > 0) await outbox.send(fresh, signal);
    if (unknown.length > 0) await ledger.record(group, unknown, signal);
    this.counts.handedOver += fresh.length;
    this.#logDepartures(fresh);
    this.#waiting.delete(group);
    this.#waitingBytes -= batch.reduce((sum, version) => sum + version.bytes.length, 0);
  }

  /** Without those that were handed over while the horizon had not passed them, and stand under their day. */
  async #withoutAged(batch: readonly AlertVersion[]): Promise<AlertVersion[]> {
    const left: AlertVersion[] = [];
    for (const [group, ofDay] of Map.groupBy(batch, (version) => ledgerGroup(version, 0n))) {
      left.push(...without(ofDay, await this.#init.ledger.findHandedOver(group, ofDay, this.#init.signal)));
    }
    return left;
  }

  #logDepartures(batch: readonly AlertVersion[]): void {
    for (const { problems, alertId, version } of batch.filter((found) => found.problems.length > 0)) {
      this.#init.logger.warn('alert_invalid', { alertId, version, problems: problems.join(', ') });
    }
  }

  async #quarantine(found: Unstorable): Promise<void> {
    const { quarantine, origin, logger, signal } = this.#init;
    const name = await quarantine.keep(origin, found, signal);
    if (name === undefined) return;
    this.counts.quarantined += 1;
    logger.error('alert_quarantined', { reason: found.reason, bytes: found.totalBytes, blob: name });
  }
}

function without(batch: readonly AlertVersion[], known: ReadonlySet<AlertVersion>): AlertVersion[] {
  return batch.filter((version) => !known.has(version));
}
