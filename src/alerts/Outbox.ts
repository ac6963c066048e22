import type { AlertVersion } from './AlertVersion.ts';

/** Where versions are handed over: from here on they are delivered, whatever becomes of the run. */
export interface Outbox {
  /**
   * Takes the whole batch. After a failure some of it may have been taken.
   * @throws StorageError
   */
  send(batch: readonly AlertVersion[], signal: AbortSignal): Promise<void>;
}
