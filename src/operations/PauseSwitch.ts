import type { TableClient } from '@azure/data-tables';
import { findEntity } from '../storage/replaceEntity.ts';
import { StorageError } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';

/** The table of the pause switch and of the counters of actions. */
export const GUARD_TABLE = 'guards';

const KEYS = { partitionKey: 'switch', rowKey: 'pause' };

/** How the switch stands. */
export interface Pause {
  readonly isPaused: boolean;
  /** True when releases may go on. */
  readonly allowsRelease: boolean;
  readonly reason: string;
  readonly by: string;
  /** ISO 8601, or empty when the switch was never used. */
  readonly since: string;
}

/** True when the switch stops this kind of action. */
export function isStopped({ isPaused, allowsRelease }: Pause, action: string): boolean {
  return isPaused && !(allowsRelease && action === 'release');
}

/** Stops all actions at once, over all instances: it is read before each of them and never cached. */
export class PauseSwitch {
  readonly #table: () => Promise<TableClient>;

  constructor(table: () => Promise<TableClient>) {
    this.#table = table;
  }

  /** @throws StorageError; whoever cannot read the switch must not act. */
  async read(signal: AbortSignal): Promise<Pause> {
    const table = await this.#table();
    const row = await findEntity(table, KEYS, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StorageError('Read pause switch', error);
    });
    const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
    return {
      // A row of another form than ours is somebody's wish to stop, too.
      isPaused: row !== undefined && row.isPaused !== false,
      allowsRelease: row?.allowsRelease === true,
      reason: textOf(row?.reason),
      by: textOf(row?.by),
      since: textOf(row?.since),
    };
  }

  /** @throws StorageError */
  async write(pause: Pause, signal: AbortSignal): Promise<void> {
    const table = await this.#table();
    try {
      await table.upsertEntity({ ...KEYS, ...pause }, 'Replace', { abortSignal: withDeadline(signal) });
    } catch (error) {
      signal.throwIfAborted();
      throw new StorageError('Write pause switch', error);
    }
  }
}
