import type { Clock } from '../runtime/Clock.ts';
import type { AlertOrigin } from './AlertVersion.ts';
import type { Checkpoint, StoredCheckpoint } from './Checkpoint.ts';
import type { CheckpointStore } from './CheckpointStore.ts';

/** Long enough for the slowest step between two renewals, short enough that a crash delays the pull by little. */
const LEASE_MS = 3 * 60_000;
const RENEW_BELOW_MS = 2 * 60_000;

export interface CheckpointHoldInit {
  readonly store: CheckpointStore;
  readonly origin: AlertOrigin;
  /** Names this run. */
  readonly owner: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What every write stores besides, as it is at that moment. */
  readonly alongside: () => Partial<Checkpoint>;
}

/**
 * Whether another run holds the checkpoint now. A lease that ends later than any run could have asked for was written by
 * a host whose clock is wrong: it is not waited for, because the ETag keeps that run from doing harm.
 */
export function isHeld({ lease }: StoredCheckpoint, now: number): boolean {
  return lease.owner !== undefined && lease.until > now && lease.until <= now + 2 * LEASE_MS;
}

/**
 * A checkpoint that this run holds.
 *
 * Every write carries the ETag of the one before and prolongs the lease. Any method throws CheckpointLost when another
 * run took the checkpoint over; after that nothing more may be handed over.
 */
export class CheckpointHold {
  readonly #init: CheckpointHoldInit;
  readonly #epoch: number;
  #checkpoint: Checkpoint;
  #etag: string | undefined;
  #leaseUntil = 0;

  private constructor(
    init: CheckpointHoldInit,
    checkpoint: Checkpoint,
    stored: StoredCheckpoint | undefined,
  ) {
    this.#init = init;
    this.#checkpoint = checkpoint;
    this.#epoch = (stored?.lease.epoch ?? 0) + 1;
    this.#etag = stored?.etag;
  }

  /** Takes the lease on a stored checkpoint, or stores a new one. @throws CheckpointLost when another run was faster. */
  static async take(
    init: CheckpointHoldInit,
    checkpoint: Checkpoint,
    stored: StoredCheckpoint | undefined,
  ): Promise<CheckpointHold> {
    const hold = new CheckpointHold(init, checkpoint, stored);
    await hold.commit({});
    return hold;
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** Stores the checkpoint with these changes. */
  async commit(changes: Partial<Checkpoint>): Promise<void> {
    await this.#write(changes, this.#init.clock.now() + LEASE_MS);
  }

  /** Prolongs the lease when it has little left; call it before every step that others must not take meanwhile. */
  async keep(): Promise<void> {
    if (this.#leaseUntil - this.#init.clock.now() < RENEW_BELOW_MS) await this.commit({});
  }

  /** Stores the checkpoint with these changes and lets the next run take it, also when this run was aborted. */
  async release(changes: Partial<Checkpoint>, signal: AbortSignal): Promise<void> {
    await this.#write(changes, undefined, signal);
  }

  async #write(
    changes: Partial<Checkpoint>,
    leaseUntil: number | undefined,
    signal: AbortSignal = this.#init.signal,
  ): Promise<void> {
    const { store, origin, owner, clock, alongside } = this.#init;
    const checkpoint = { ...this.#checkpoint, ...alongside(), ...changes };
    const lease = {
      epoch: this.#epoch,
      owner: leaseUntil === undefined ? undefined : owner,
      until: leaseUntil ?? clock.now(),
    };
    this.#etag = await store.write(origin, { checkpoint, lease }, this.#etag, signal);
    this.#checkpoint = checkpoint;
    this.#leaseUntil = lease.until;
  }
}
