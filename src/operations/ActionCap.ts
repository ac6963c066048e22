import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../runtime/Clock.ts';
import { sha256 } from '../storage/keys.ts';
import { findEntity, replaceEntity } from '../storage/replaceEntity.ts';
import { StorageError } from '../storage/StorageError.ts';
import { ActionCapReached } from './ActionCapReached.ts';

const HOUR_MS = 60 * 60_000;
const ID_LENGTH = 12;
const CALLER_LENGTH = 8;

export interface CapSettings {
  readonly capPerHour: number;
  readonly capPerCaller: number;
}

interface Entry {
  readonly id: string;
  readonly caller: string;
  readonly at: number;
}

/**
 * Counts the actions of any hour, all of them and each caller's, in one row per kind of action: it is replaced only in the
 * state that was read, so that instances cannot pass the cap together.
 */
export class ActionCap {
  readonly #table: () => Promise<TableClient>;
  readonly #settings: CapSettings;
  readonly #clock: Clock;
  /** Within one process requests wait for one another instead of colliding in storage. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(table: () => Promise<TableClient>, settings: CapSettings, clock: Clock) {
    this.#table = table;
    this.#settings = settings;
    this.#clock = clock;
  }

  /**
   * Counts one action; the same operation counts once however often it comes.
   * @throws ActionCapReached, StorageError
   */
  async take(action: string, callerId: string, operationId: string, signal: AbortSignal): Promise<void> {
    const turn = this.#queue.then(() => this.#take(action, callerId, operationId, signal));
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  /** How many actions of a kind began in the past hour. @throws StorageError */
  async count(action: string, signal: AbortSignal): Promise<number> {
    const table = await this.#table();
    try {
      return this.#recent(await findEntity(table, keysOf(action), signal)).length;
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError('Count actions', error);
    }
  }

  /** Counts nothing. @throws ActionCapReached when one more action would be, StorageError */
  async verify(action: string, callerId: string, signal: AbortSignal): Promise<void> {
    const table = await this.#table();
    try {
      const entries = this.#recent(await findEntity(table, keysOf(action), signal));
      this.#verify(entries, sha256(callerId).slice(0, CALLER_LENGTH), this.#clock.now());
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ActionCapReached ? error : new StorageError('Count actions', error);
    }
  }

  async #take(action: string, callerId: string, operationId: string, signal: AbortSignal): Promise<void> {
    const table = await this.#table();
    const keys = keysOf(action);
    const id = operationId.slice(0, ID_LENGTH);
    const caller = sha256(callerId).slice(0, CALLER_LENGTH);
    try {
      for (;;) {
        signal.throwIfAborted();
        const row = await findEntity(table, keys, signal);
        const now = this.#clock.now();
        const entries = this.#recent(row);
        if (entries.some((entry) => entry.id === id)) return;
        this.#verify(entries, caller, now);
        const entity = { ...keys, entries: formatEntries([...entries, { id, caller, at: now }]) };
        if ((await replaceEntity(table, entity, row?.etag, signal)) !== undefined) return;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ActionCapReached ? error : new StorageError('Count action', error);
    }
  }

  /** An entry from "the future" was written by a clock that is ahead, and counts until its own hour is over. */
  #recent(row: Readonly<Record<string, unknown>> | undefined): Entry[] {
    const now = this.#clock.now();
    return (row ? parseEntries(row.entries) : []).filter(({ at }) => at > now - HOUR_MS);
  }

  #verify(entries: readonly Entry[], caller: string, now: number): void {
    const { capPerHour, capPerCaller } = this.#settings;
    const own = entries.filter((entry) => entry.caller === caller);
    const waitMs = (counted: readonly Entry[], cap: number) =>
      Math.max(1_000, (counted.at(-cap)?.at ?? now) + HOUR_MS - now);
    if (entries.length >= capPerHour) {
      throw new ActionCapReached('ACTION_CAP_PER_HOUR', capPerHour, waitMs(entries, capPerHour));
    }
    if (own.length >= capPerCaller) {
      throw new ActionCapReached('ACTION_CAP_PER_CALLER', capPerCaller, waitMs(own, capPerCaller));
    }
  }
}

function keysOf(action: string) {
  return { partitionKey: 'cap', rowKey: action };
}

function formatEntries(entries: readonly Entry[]): string {
  return entries.map(({ id, caller, at }) => `${id}.${caller}.${at.toString(36)}`).join(' ');
}

/** @throws Error when the row was not written by this class: whoever cannot count must not act. */
function parseEntries(text: unknown): Entry[] {
  if (typeof text !== 'string') throw new Error('The row of counted actions is damaged.');
  const entries = text
    .split(' ')
    .filter(Boolean)
    .map((entry) => {
      const [, id, caller, at] = /^([0-9a-f]+)\.([0-9a-f]+)\.([0-9a-z]+)$/.exec(entry) ?? [];
      if (id === undefined || caller === undefined || at === undefined) {
        throw new Error('The row of counted actions is damaged.');
      }
      return { id, caller, at: Number.parseInt(at, 36) };
    });
  return entries.sort((a, b) => a.at - b.at);
}
