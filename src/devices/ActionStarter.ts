import { ActionsPaused } from '../operations/ActionsPaused.ts';
import type { Operation, OperationFailure, StoredOperation } from '../operations/Operation.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import { isStopped, type PauseSwitch } from '../operations/PauseSwitch.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import { actionDefinitions } from './actions.ts';
import { BlockingAction } from './BlockingAction.ts';
import { classifySendFailure, type SendFailure } from './classifySendFailure.ts';
import { describeOperation } from './describeOperation.ts';
import { formatComment } from './formatComment.ts';
import { latestOf, type HeldTurn } from './HeldTurn.ts';
import type { OperationProgress, StartStep, Step } from './OperationProgress.ts';
import { LOOK_AGAIN_MS, SHOWN_WITHIN_MS } from './pace.ts';
import { chooseStart, isOwnAction } from './chooseStart.ts';
import { heldBack } from './transitions.ts';

/** What was accepted but could not be sent for so long is not sent any more: the moment has passed. */
const SEND_WITHIN_MS = 15 * 60_000;
/** How often an action is asked for when Defender shows no trace of the request before. */
const MAX_ATTEMPTS = 2;
/** After this long without a trace an action that was asked for is given up. */
const TRACE_WITHIN_MS = 15 * 60_000;

export interface ActionStarterInit {
  readonly store: OperationStore;
  readonly pause: PauseSwitch;
  readonly clock: Clock;
  readonly progress: OperationProgress;
}

/**
 * Gets Defender to begin an action, exactly once.
 *
 * What Defender will be asked is written down before it is asked. When the outcome of asking is not known, the action is
 * looked for among the device's machine actions, and asked for once more only when there is no trace of it.
 */
export class ActionStarter {
  readonly #init: ActionStarterInit;
  readonly #blocker: BlockingAction;

  constructor(init: ActionStarterInit) {
    this.#init = init;
    this.#blocker = new BlockingAction(init.progress, init.clock);
  }

  /** Call it only while the device's turn is held. @throws StorageError, and what Defender's answers make */
  async start(stored: StoredOperation, held: HeldTurn, step: StartStep): Promise<StoredOperation> {
    const { progress } = this.#init;
    const { actions, hold } = step.access;
    const { operation } = stored;
    const machineActions = await actions.list(operation.request.device.id, step.signal);
    const choice = chooseStart(operation, machineActions, held.state, this.#init.clock.now());
    if (choice.kind === 'own') return await progress.attach(stored, choice.action, false, step);

    const refusal = await this.#findRefusal(operation, step.signal);
    if (refusal && operation.attempts === 0) return await progress.end(stored, 'Failed', refusal, step);
    switch (choice.kind) {
      case 'superseded':
        return await progress.end(stored, 'Canceled', supersededBy(choice.operationId), step);
      case 'lookAgain':
        return await progress.postpone(stored, LOOK_AGAIN_MS, step);
      case 'join':
        await held.remember({ lastSent: latestOf(held.state.lastSent, operation) }, step.signal);
        return await progress.attach(stored, choice.action, true, step);
      case 'wait':
        return await this.#blocker.waitFor(
          stored,
          choice.action,
          choice.shouldCancel && !refusal && !hold,
          held,
          step,
        );
      case 'send':
        return hold && operation.attempts === 0
          ? await this.#holdBack(stored, hold, step)
          : await this.#sendOrLook(stored, !refusal && !hold, held, step);
    }
  }

  /** What keeps an operation from being sent now. */
  async #findRefusal(operation: Operation, signal: AbortSignal): Promise<OperationFailure | undefined> {
    const { request, createdAt, waitingFor } = operation;
    const pause = await this.#init.pause.read(signal);
    if (isStopped(pause, request.action)) {
      const { code, message } = new ActionsPaused(pause.reason);
      return { code, message };
    }
    if (waitingFor !== undefined || this.#init.clock.now() < createdAt + SEND_WITHIN_MS) return undefined;
    return {
      code: 'operation_expired',
      message:
        'The action could not be sent to Defender in time, and was never sent. Ask again if it is still wanted.',
    };
  }

  /** Gives whoever may send it some time to ask again. */
  async #holdBack(
    stored: StoredOperation,
    hold: OperationFailure,
    step: StartStep,
  ): Promise<StoredOperation> {
    const { clock, progress } = this.#init;
    const { operation } = stored;
    const since = operation.heldBackSince ?? clock.now();
    if (clock.now() >= since + SEND_WITHIN_MS) return await progress.end(stored, 'Failed', hold, step);
    return await progress.write(stored, heldBack(operation, since, clock.now()), step.signal);
  }

  async #sendOrLook(
    stored: StoredOperation,
    maySend: boolean,
    held: HeldTurn,
    step: StartStep,
  ): Promise<StoredOperation> {
    const { clock, progress } = this.#init;
    const { id, attempts, sentAt = 0 } = stored.operation;
    const { lastAsked } = held.state;
    // A request that broke off may have been carried out at its very end.
    const sinceMs = clock.now() - Math.max(sentAt, lastAsked?.operationId === id ? lastAsked.at : 0);
    if (attempts === 0) return await this.#send(stored, held, step);
    if (sinceMs < SHOWN_WITHIN_MS) {
      const delayMs = Math.min(LOOK_AGAIN_MS, SHOWN_WITHIN_MS - sinceMs);
      return await progress.keepWaiting(stored, delayMs, step);
    }
    if (attempts < MAX_ATTEMPTS && maySend) return await this.#send(stored, held, step);
    if (sinceMs < TRACE_WITHIN_MS) return await progress.keepWaiting(stored, 3 * SHOWN_WITHIN_MS, step);
    const message =
      'Defender was asked, gave no answer, and shows no such machine action. Look at the device in the portal.';
    return await progress.end(stored, 'Failed', { code: 'action_outcome_unknown', message }, step);
  }

  async #send(stored: StoredOperation, held: HeldTurn, step: StartStep): Promise<StoredOperation> {
    const { store, clock, progress } = this.#init;
    const { actions } = step.access;
    const { id, request, attempts, waitingFor } = stored.operation;
    const { lastAsked, lastSent } = held.state;
    const sending = {
      ...stored.operation,
      attempts: attempts + 1,
      sentAt: clock.now(),
      waitingFor: undefined,
      heldBackSince: undefined,
    };
    const recorded = await store.replace(stored, sending, step.signal);
    if (!recorded) return (await store.read(id, step.signal)) ?? stored;
    const isHeld = await held.remember(
      { lastSent: latestOf(lastSent, sending), lastAsked: { operationId: id, at: sending.sentAt } },
      step.signal,
    );
    if (!isHeld) {
      // The turn ran out: whoever has it now must not be overtaken. Nothing was sent.
      return await progress.postpone(recorded, 0, step, undefined, { ...sending, attempts, waitingFor });
    }
    step.logger.info('action_sending', describeOperation(sending));
    const body = {
      Comment: formatComment(sending),
      ...(request.isolationType === undefined ? {} : { IsolationType: request.isolationType }),
    };
    try {
      const definition = actionDefinitions[request.action];
      const beginning = actions.begin(definition, request.device.id, body, step.signal);
      const action = await beginning.finally(() => {
        held.keep({ lastAsked: { operationId: id, at: clock.now() } });
      });
      // Defender may answer a repetition with the action that is open already.
      const isOwn = action.requestorComment === undefined || isOwnAction(action, sending);
      return await progress.attach(recorded, action, !isOwn, step);
    } catch (error) {
      step.signal.throwIfAborted();
      const failure = classifySendFailure(error);
      // What was certainly not carried out was not sent either.
      if (failure.kind !== 'unknown') held.keep({ lastAsked, lastSent });
      return await this.#afterFailedSend(recorded, stored.operation, failure, step);
    }
  }

  async #afterFailedSend(
    stored: StoredOperation,
    { attempts, waitingFor }: Operation,
    failure: SendFailure,
    step: Step,
  ): Promise<StoredOperation> {
    const { progress } = this.#init;
    const notSent = { ...stored.operation, attempts, waitingFor };
    switch (failure.kind) {
      case 'alreadyActive':
        // Somebody's action is open and not shown yet; the next look finds and joins it.
        return await progress.postpone(stored, LOOK_AGAIN_MS, step, undefined, notSent);
      case 'notSent':
        return await progress.postpone(
          stored,
          failure.retryAfterMs ?? LOOK_AGAIN_MS,
          step,
          failure.error,
          notSent,
        );
      case 'refused': {
        const { code, message, requestId } = failure.error;
        return await progress.end(stored, 'Failed', { code, message, requestId }, step);
      }
      case 'unknown':
        step.logger.warn('action_outcome_unknown', {
          ...describeOperation(stored.operation),
          ...describeError(failure.error),
        });
        return await progress.postpone(stored, LOOK_AGAIN_MS, step, failure.error as AppError);
    }
  }
}

function supersededBy(operationId: string): OperationFailure {
  return {
    code: 'operation_superseded',
    message: `The later operation ${operationId} asked for the opposite; this one must not undo it.`,
  };
}
