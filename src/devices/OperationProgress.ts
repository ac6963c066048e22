import {
  isOver,
  type Operation,
  type OperationFailure,
  type StoredOperation,
} from '../operations/Operation.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import type { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import { describeOperation } from './describeOperation.ts';
import type { MachineAction } from './MachineAction.ts';
import type { DeviceAccess, OperationAccess } from './OperationAccess.ts';
import { checkDelayMs } from './pace.ts';
import { ended, following, postponed } from './transitions.ts';

/** What a step needs besides the operation. */
export interface Step {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Defender as the requester sees it, while they ask themselves. */
  readonly requester?: DeviceAccess | undefined;
}

/** A step that may ask Defender to act. */
export interface StartStep extends Step {
  readonly access: OperationAccess;
}

/** Writes what became of an operation, and logs it. Every method throws StorageError when storage fails. */
export class OperationProgress {
  readonly #store: OperationStore;
  readonly #clock: Clock;
  readonly #pollIntervalMs: number;

  constructor(store: OperationStore, clock: Clock, pollIntervalMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /** How long to wait before looking again; milliseconds. */
  delayMs(operation: Operation): number {
    return checkDelayMs(this.#clock.now() - operation.createdAt, this.#pollIntervalMs);
  }

  /** Whoever was faster knows as much; what they wrote stands. */
  async write(stored: StoredOperation, operation: Operation, signal: AbortSignal): Promise<StoredOperation> {
    return (
      (await this.#store.replace(stored, operation, signal)) ??
      (await this.#store.read(operation.id, signal)) ??
      stored
    );
  }

  /** Nothing is known yet; why Defender could not be asked before stays true. */
  async keepWaiting(stored: StoredOperation, delayMs: number, { signal }: Step): Promise<StoredOperation> {
    const { operation } = stored;
    return await this.write(stored, { ...operation, nextCheckAt: this.#clock.now() + delayMs }, signal);
  }

  /** @param error why Defender could not be asked, if that is so. */
  async postpone(
    stored: StoredOperation,
    delayMs: number,
    { signal }: Step,
    error?: AppError,
    operation: Operation = stored.operation,
  ): Promise<StoredOperation> {
    return await this.write(stored, postponed(operation, this.#clock.now() + delayMs, error), signal);
  }

  /** Takes over what Defender says of the action; its end is the operation's end. */
  async attach(
    stored: StoredOperation,
    action: MachineAction,
    joined: boolean,
    { logger, signal }: Step,
  ): Promise<StoredOperation> {
    const { operation } = stored;
    const now = this.#clock.now();
    const next = following(operation, action, joined, now, now + this.delayMs(operation));
    if (!operation.machineAction)
      logger.info(joined ? 'action_joined' : 'action_sent', describeOperation(next));
    const written = await this.write(stored, next, signal);
    if (isOver(written.operation)) this.#logEnd(written.operation, logger);
    return written;
  }

  async end(
    stored: StoredOperation,
    status: 'Failed' | 'Canceled',
    error: OperationFailure,
    { logger, signal }: Step,
  ): Promise<StoredOperation> {
    const over = ended(stored.operation, status, this.#clock.now(), error);
    const written = await this.write(stored, over, signal);
    this.#logEnd(written.operation, logger);
    return written;
  }

  #logEnd(operation: Operation, logger: Logger): void {
    const fields = { ...describeOperation(operation), code: operation.error?.code };
    if (operation.status === 'Succeeded') logger.info('action_ended', fields);
    else logger.warn('action_ended', fields);
  }
}
