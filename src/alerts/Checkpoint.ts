import type { Ticks } from './ticks.ts';
import type { TimeWindow } from './TimeWindow.ts';

/** A window that could not be read and is tried again by later runs. */
export interface Gap extends TimeWindow {
  /** When it was set aside; milliseconds since the Unix epoch. */
  readonly since: number;
  /** Tries at this very size. */
  readonly attempts: number;
  /** Not before this instant; milliseconds since the Unix epoch. */
  readonly nextTryAt: number;
}

/**
 * How far the pull of one tenant and source has come.
 *
 * Invariant: every alert last updated from `startedFrom` to before `watermark` that the service showed when it was read
 * has been handed over, except inside `gaps`.
 */
export interface Checkpoint {
  /** Nothing before this instant is ever asked for. */
  readonly startedFrom: Ticks;
  readonly watermark: Ticks;
  /**
   * From here up to the watermark everything is read again, for alerts that appear late. Before it everything was read
   * at a time when it was at least one overlap old.
   */
  readonly rereadFrom: Ticks;
  /** Sorted and without overlaps. */
  readonly gaps: readonly Gap[];
  /** Service time at which the last sweep was finished. */
  readonly sweptAt: Ticks;
  /** What is left of a sweep that was not finished. */
  readonly sweep: TimeWindow | undefined;
  /** When calls were made in the past hour, for the sliding quota; milliseconds since the Unix epoch. */
  readonly calls: readonly number[];
  /** The service asked not to be called before this instant; milliseconds since the Unix epoch. */
  readonly throttledUntil: number | undefined;
  /** Host time of the last run that read everything; milliseconds since the Unix epoch. */
  readonly lastSuccess: number | undefined;
}

/** Who is working on a checkpoint. The lease keeps runs apart; the ETag of the row is what keeps a late one from writing. */
export interface Lease {
  /** Counts the runs that took the checkpoint. */
  readonly epoch: number;
  /** The run that holds it, or undefined. */
  readonly owner: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly lease: Lease;
  readonly etag: string;
}

export function createCheckpoint(startedFrom: Ticks, now: Ticks): Checkpoint {
  return {
    startedFrom,
    watermark: startedFrom,
    rereadFrom: startedFrom,
    gaps: [],
    // The first run reads everything since `startedFrom`, so a sweep has nothing to add for one interval.
    sweptAt: now,
    sweep: undefined,
    calls: [],
    throttledUntil: undefined,
    lastSuccess: undefined,
  };
}
