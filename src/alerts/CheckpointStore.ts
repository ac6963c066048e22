import type { AlertOrigin } from './AlertVersion.ts';
import type { Checkpoint, Lease, StoredCheckpoint } from './Checkpoint.ts';

/** Where checkpoints are kept. Every write names the state that it replaces. */
export interface CheckpointStore {
  /** @throws CheckpointUntrusted when the row cannot be understood. */
  read(origin: AlertOrigin, signal: AbortSignal): Promise<StoredCheckpoint | undefined>;

  /**
   * Writes the row in place of the state that `etag` names; undefined means that there is none yet.
   * @returns the new ETag. @throws CheckpointLost when the stored state is another one.
   */
  write(
    origin: AlertOrigin,
    row: { readonly checkpoint: Checkpoint; readonly lease: Lease },
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<string>;
}
