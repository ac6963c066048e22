import { isOver, type Operation } from '../operations/Operation.ts';
import { OperationNotFound } from '../operations/OperationNotFound.ts';
import type { OpenPointer, OperationStore } from '../operations/OperationStore.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { ActionRunner } from './ActionRunner.ts';
import type { DeviceAccess } from './OperationAccess.ts';
import { checkDelayMs } from './pace.ts';

/** A pointer to an operation that was never created is what a crash left, once it is this old. */
const POINTER_GRACE_MS = 60 * 60_000;
const CONCURRENCY = 4;

/** Sees operations through to their end: when a caller asks, and by itself when nobody does. */
export class OperationFollower {
  readonly #store: OperationStore;
  readonly #runner: ActionRunner;
  readonly #clock: Clock;
  readonly #pollIntervalMs: number;

  constructor(store: OperationStore, runner: ActionRunner, clock: Clock, pollIntervalMs: number) {
    this.#store = store;
    this.#runner = runner;
    this.#clock = clock;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /**
   * The operation as it stands now.
   * @param openRequester Defender as the requester sees it, if it is them who ask. What it throws ends the look.
   * @throws OperationNotFound, StorageError
   */
  async look(
    id: string,
    logger: Logger,
    signal: AbortSignal,
    openRequester?: (operation: Operation) => Promise<DeviceAccess | undefined>,
  ): Promise<Operation> {
    const stored = await this.#store.read(id, signal);
    if (!stored) throw new OperationNotFound(id);
    const requester = await openRequester?.(stored.operation);
    return (await this.#runner.advance(stored, { logger, signal, requester })).operation;
  }

  /** How soon it is worth asking again; milliseconds. */
  retryAfterMs({ createdAt }: Operation): number {
    return checkDelayMs(this.#clock.now() - createdAt, this.#pollIntervalMs);
  }

  /** Takes every open operation that is due one step further. One that fails does not hold up the others. */
  async followAll(logger: Logger, signal: AbortSignal): Promise<void> {
    const pointers = await this.#store.listOpen(signal);
    const counts = { open: pointers.length, ended: 0, failed: 0 };
    const queue = [...pointers];
    const work = async () => {
      for (let pointer = queue.shift(); pointer; pointer = queue.shift()) {
        try {
          if (await this.#follow(pointer, logger, signal)) counts.ended += 1;
        } catch (error) {
          signal.throwIfAborted();
          counts.failed += 1;
          logger.error('request_failed', { operation: pointer.id, ...describeError(error) });
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    if (counts.open > 0) logger.info('operations_followed', counts);
  }

  /** True when the operation is over. */
  async #follow(pointer: OpenPointer, logger: Logger, signal: AbortSignal): Promise<boolean> {
    const stored = await this.#store.read(pointer.id, signal);
    if (!stored) {
      const isLeftOver = !(pointer.since > this.#clock.now() - POINTER_GRACE_MS);
      if (isLeftOver) await this.#store.close(pointer.id, signal, pointer.etag);
      return false;
    }
    const { operation } = await this.#runner.advance(stored, { logger, signal });
    if (isOver(operation)) await this.#store.close(operation.id, signal);
    return isOver(operation);
  }
}
