import type { DeviceTurns } from '../operations/DeviceTurns.ts';
import {
  isOver,
  type Operation,
  type OperationRequest,
  type StoredOperation,
} from '../operations/Operation.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import type { PauseSwitch } from '../operations/PauseSwitch.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import { StorageError } from '../storage/StorageError.ts';
import { ActionStarter } from './ActionStarter.ts';
import { describeOperation } from './describeOperation.ts';
import { HeldTurn } from './HeldTurn.ts';
import { openOperation, type OpenAsApplication, type OperationAccess } from './OperationAccess.ts';
import { OperationProgress, type Step } from './OperationProgress.ts';

/** How long Defender may not know an action that it gave an id to, or the app the tenant that it is in. */
const UNKNOWN_FOR_MS = 24 * 60 * 60_000;
/** The code of the error for a tenant that is not listed any more. */
const TENANT_GONE = 'tenant_not_found';
const GIVE_BACK_TIMEOUT_MS = 5_000;
/** How long a person may take to ask for the state of what they requested. */
const REQUESTER_WITHIN_MS = 15 * 60_000;

export interface ActionRunnerInit {
  readonly store: OperationStore;
  readonly turns: DeviceTurns;
  readonly openAsApplication: OpenAsApplication;
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
  async advance(stored: StoredOperation, step: Step): Promise<StoredOperation> {
    const { operation } = stored;
    if (isOver(operation) || this.#init.clock.now() < operation.nextCheckAt) return stored;
    if (!operation.machineAction) return await this.#start(stored, step);
    return await this.#guard(stored, step, () => this.#follow(stored, step));
  }

  async #start(stored: StoredOperation, step: Step): Promise<StoredOperation> {
    const { turns, store } = this.#init;
    const { id, request } = stored.operation;
    const turn = await turns.take(turnOf(request), id, step.signal);
    if (!turn) return stored;
    const held = new HeldTurn(turns, turn);
    try {
      const fresh = await store.read(id, step.signal);
      if (!fresh || fresh.operation.machineAction || isOver(fresh.operation)) return fresh ?? stored;
      return await this.#guard(fresh, step, async () => {
        const access = await this.#open(fresh, step);
        return await this.#starter.start(fresh, held, { ...step, access });
      });
    } finally {
      // A turn that is not given back runs out by itself; that must not hide what happened.
      await held.giveBack(AbortSignal.timeout(GIVE_BACK_TIMEOUT_MS)).catch(() => undefined);
    }
  }

  async #follow(stored: StoredOperation, step: Step): Promise<StoredOperation> {
    const { machineAction } = stored.operation;
    if (!machineAction) return stored;
    const { actions } = await this.#open(stored, step);
    const action = await actions.get(machineAction.id, step.signal);
    if (action) return await this.#progress.attach(stored, action, machineAction.joined, step);
    if (!this.#isUnknownForLong(stored.operation)) {
      return await this.#progress.postpone(stored, this.#progress.delayMs(stored.operation), step);
    }
    const message = `Defender does not know the machine action ${machineAction.id} any more. Look at the device in the portal.`;
    return await this.#progress.end(stored, 'Failed', { code: 'machine_action_gone', message }, step);
  }

  #isUnknownForLong({ checkedAt, createdAt }: Operation): boolean {
    return this.#init.clock.now() >= (checkedAt ?? createdAt) + UNKNOWN_FOR_MS;
  }

  /** What the app itself is refused may be granted to the person whose operation it is. */
  #mayRequesterStillAsk({ request, createdAt }: Operation, { requester }: Step): boolean {
    if (request.caller.kind !== 'person' || requester) return false;
    return this.#init.clock.now() < createdAt + REQUESTER_WITHIN_MS;
  }

  async #open({ operation }: StoredOperation, { requester, signal }: Step): Promise<OperationAccess> {
    return await openOperation(operation, requester, this.#init.openAsApplication, signal);
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
      const isUntouched = operation.attempts === 0 && !operation.machineAction;
      if (isUntouched && !error.retryable && !this.#mayRequesterStillAsk(operation, step)) {
        return await this.#progress.end(stored, 'Failed', { code, message, requestId }, step);
      }
      if (code === TENANT_GONE && this.#isUnknownForLong(operation)) {
        return await this.#progress.end(stored, 'Failed', { code, message, requestId }, step);
      }
      const delayMs = Math.max(error.retryAfterMs ?? 0, this.#progress.delayMs(operation));
      return await this.#progress.postpone(stored, delayMs, step, error);
    }
  }
}

/** Ids of devices are unique within a tenant. */
function turnOf({ tenantId, device }: OperationRequest): string {
  return tenantId === undefined ? device.id : `${device.id}.${tenantId}`;
}
