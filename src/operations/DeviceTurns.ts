import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../runtime/Clock.ts';
import { joinKey } from '../storage/keys.ts';
import { findEntity, replaceEntity } from '../storage/replaceEntity.ts';
import { StorageError } from '../storage/StorageError.ts';

/** Longer than all calls that are made in one turn. */
const TURN_MS = 3 * 60_000;
/** Clocks of instances differ by less. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;
const MAX_REMEMBERED_CANCELLATIONS = 20;

/** What must be remembered of a device so that a later request is not undone by an earlier one. */
export interface DeviceState {
  /** Of the requests that were sent to Defender, the one that was accepted last. */
  readonly lastSent:
    { readonly operationId: string; readonly createdAt: number; readonly action: string } | undefined;
  /** Whose action Defender was asked for last, and when; undefined when it certainly began none. */
  readonly lastAsked: { readonly operationId: string; readonly at: number } | undefined;
  /** Machine actions that we asked Defender to cancel: none of them is what a new request should join. */
  readonly cancelling: readonly string[];
  /** Those of them about which Defender answered, so that there is nothing to ask again. */
  readonly cancelled: readonly string[];
}

/** A device that nothing is remembered of. */
export const NEW_DEVICE: DeviceState = {
  lastSent: undefined,
  lastAsked: undefined,
  cancelling: [],
  cancelled: [],
};

/** The right to talk to Defender about one device until it is given back or runs out. */
export interface Turn {
  readonly deviceId: string;
  readonly owner: string;
  readonly state: DeviceState;
  readonly etag: string;
}

/**
 * One operation at a time talks to Defender about a device, over all instances: what it reads there of open actions still
 * holds when it asks for its own. Every method throws StorageError when storage fails.
 */
export class DeviceTurns {
  readonly #table: () => Promise<TableClient>;
  readonly #clock: Clock;

  constructor(table: () => Promise<TableClient>, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** Undefined while somebody else has it. */
  async take(deviceId: string, owner: string, signal: AbortSignal): Promise<Turn | undefined> {
    return await this.#run('Take turn', signal, async (table) => {
      const row = await findEntity(table, keysOf(deviceId), signal);
      const now = this.#clock.now();
      const until = Number(row?.until ?? 0);
      // A turn that ends later than any turn can was written by a clock that is far ahead, and is not waited for.
      if (row && until > now && until <= now + TURN_MS + MAX_CLOCK_SKEW_MS) return undefined;
      const state = readState(row?.state);
      return await this.#write(
        table,
        { deviceId, owner, state, etag: row?.etag ?? '' },
        now + TURN_MS,
        signal,
      );
    });
  }

  /** Undefined when the turn ran out and somebody else has it: stop at once. */
  async remember(turn: Turn, state: DeviceState, signal: AbortSignal): Promise<Turn | undefined> {
    return await this.#run('Keep turn', signal, (table) =>
      this.#write(table, { ...turn, state }, this.#clock.now() + TURN_MS, signal),
    );
  }

  async giveBack(turn: Turn, signal: AbortSignal): Promise<void> {
    await this.#run('Give turn back', signal, (table) => this.#write(table, turn, 0, signal));
  }

  async #write(
    table: TableClient,
    turn: Turn,
    until: number,
    signal: AbortSignal,
  ): Promise<Turn | undefined> {
    const { deviceId, owner, state, etag } = turn;
    const entity = {
      ...keysOf(deviceId),
      deviceId,
      owner,
      until: String(until),
      state: JSON.stringify({
        ...state,
        cancelling: state.cancelling.slice(-MAX_REMEMBERED_CANCELLATIONS),
        cancelled: state.cancelled.slice(-MAX_REMEMBERED_CANCELLATIONS),
      }),
    };
    const written = await replaceEntity(table, entity, etag === '' ? undefined : etag, signal);
    return written === undefined ? undefined : { ...turn, etag: written };
  }

  async #run<T>(what: string, signal: AbortSignal, work: (table: TableClient) => Promise<T>): Promise<T> {
    const table = await this.#table();
    try {
      return await work(table);
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError(what, error);
    }
  }
}

function keysOf(deviceId: string) {
  return { partitionKey: `device-${deviceId.slice(0, 2)}`, rowKey: joinKey(deviceId) };
}

function readState(text: unknown): DeviceState {
  if (typeof text !== 'string') return NEW_DEVICE;
  return { ...NEW_DEVICE, ...(JSON.parse(text) as Partial<DeviceState>) };
}
