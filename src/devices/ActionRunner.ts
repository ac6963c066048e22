import type { DeviceTurns } from '../operations/DeviceTurns.ts';
import { isOver, type StoredOperation } from '../operations/Operation.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import type { PauseSwitch } from '../operations/PauseSwitch.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import { StorageError } from '../storage/StorageError.ts';
import { ActionStarter } from './ActionStarter.ts';
import { describeOperation } from './describeOperation.ts';
import { HeldTurn } from './HeldTurn.ts';
import type { MachineActions } from './MachineActions.ts';
import { OperationProgress, type Step } from './OperationProgress.ts';

/** How long Defender may not know an action that it gave an id to. */
const UNKNOWN_FOR_MS = 24 * 60 * 60_000;
const GIVE_BACK_TIMEOUT_MS = 5_000;

export interface ActionRunnerInit {
  readonly store: OperationStore;
  readonly turns: DeviceTurns;
  readonly actions: MachineActions;
  readonly pause: PauseSwitch;
  readonly clock: Clock;
  readonly pollIntervalMs: number;
}

/**
 * Takes an operation one step further towards its true end, whoever asks and however often: the request itself, a
 * caller's poll, the timer, or another process after a crash.
 */
export class ActionRunner {
  readonly #init: ActionRunnerInit;
  readonly #progress: OperationProgress;
  readonly #starter: ActionStarter;

  constructor(init: ActionRunnerInit) {
    this.#init = init;
    this.#progress = new OperationProgress(init.store, init.clock, init.pollIntervalMs);
    this.#starter = new ActionStarter({ ...init, progress: this.#progress });
  }

  /** @returns the operation as it stands now. @throws StorageError */
  async advance(stored: StoredOperation, logger: Logger, signal: AbortSignal): Promise<StoredOperation> {
    const { operation } = stored;
    if (isOver(operation) || this.#init.clock.now() < operation.nextCheckAt) return stored;
    const step = { logger, signal };
    if (!operation.machineAction) return await this.#start(stored, step);
    return await this.#guard(stored, step, () => this.#follow(stored, step));
  }

  async #start(stored: StoredOperation, step: Step): Promise<StoredOperation> {
    const { turns, store } = this.#init;
    const { id, request } = stored.operation;
    const turn = await turns.take(request.device.id, id, step.signal);
    if (!turn) return stored;
    const held = new HeldTurn(turns, turn);
    try {
      const fresh = await store.read(id, step.signal);
      if (!fresh || fresh.operation.machineAction || isOver(fresh.operation)) return fresh ?? stored;
      return await this.#guard(fresh, step, () => this.#starter.start(fresh, held, step));
    } finally {
      // A turn that is not given back runs out by itself; that must not hide what happened.
      await held.giveBack(AbortSignal.timeout(GIVE_BACK_TIMEOUT_MS)).catch(() => undefined);
    }
  }

  async #follow(stored: StoredOperation, step: Step): Promise<StoredOperation> {
    const { machineAction, checkedAt, createdAt } = stored.operation;
    if (!machineAction) return stored;
    const action = await this.#init.actions.get(machineAction.id, step.signal);
    if (action) return await this.#progress.attach(stored, action, machineAction.joined, step);
    if (this.#init.clock.now() < (checkedAt ?? createdAt) + UNKNOWN_FOR_MS) {
      return await this.#progress.postpone(stored, this.#progress.delayMs(stored.operation), step);
    }
    const message = `Defender does not know the machine action ${machineAction.id} any more. Look at the device in the portal.`;
    return await this.#progress.end(stored, 'Failed', { code: 'machine_action_gone', message }, step);
  }

  /** What goes wrong while asking is no end once something may have been sent; before that, what will not pass is. */
  async #guard(
    stored: StoredOperation,
    step: Step,
    work: () => Promise<StoredOperation>,
  ): Promise<StoredOperation> {
    try {
      return await work();
    } catch (error) {
      step.signal.throwIfAborted();
      if (!(error instanceof AppError) || error instanceof StorageError) throw error;
      const { operation } = stored;
      step.logger.warn('action_check_failed', { ...describeOperation(operation), ...describeError(error) });
      const { code, message, requestId } = error;
      if (operation.attempts === 0 && !operation.machineAction && !error.retryable) {
        return await this.#progress.end(stored, 'Failed', { code, message, requestId }, step);
      }
      const delayMs = Math.max(error.retryAfterMs ?? 0, this.#progress.delayMs(operation));
      return await this.#progress.postpone(stored, delayMs, step, error);
    }
  }
}
