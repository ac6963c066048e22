import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import type { Operation, StoredOperation } from '../operations/Operation.ts';
import { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import { actionDefinitions } from './actions.ts';
import { describeOperation } from './describeOperation.ts';
import { formatComment } from './formatComment.ts';
import type { HeldTurn } from './HeldTurn.ts';
import type { MachineAction } from './MachineAction.ts';
import type { OperationProgress, StartStep } from './OperationProgress.ts';
import { waiting } from './transitions.ts';

/** Waits for the end of a machine action that stands in the way of an operation, and hastens it where it can. */
export class BlockingAction {
  readonly #progress: OperationProgress;
  readonly #clock: Clock;

  constructor(progress: OperationProgress, clock: Clock) {
    this.#progress = progress;
    this.#clock = clock;
  }

  /** An open action that would win over this one is cancelled where possible, and always waited for. */
  async waitFor(
    stored: StoredOperation,
    action: MachineAction,
    shouldCancel: boolean,
    held: HeldTurn,
    step: StartStep,
  ): Promise<StoredOperation> {
    const clock = this.#clock;
    const progress = this.#progress;
    const { operation } = stored;
    const pauseMs = shouldCancel ? await this.#cancel(operation, action.id, held, step) : 0;
    const nextCheckAt = clock.now() + Math.max(progress.delayMs(operation), pauseMs);
    return await progress.write(stored, waiting(operation, action.id, nextCheckAt), step.signal);
  }

  /** @returns how long Defender wants to be left alone; milliseconds. */
  async #cancel(
    operation: Operation,
    id: string,
    held: HeldTurn,
    { logger, signal, access }: StartStep,
  ): Promise<number> {
    const { cancelling, cancelled } = held.state;
    const others = cancelling.filter((other) => other !== id);
    if (!(await held.remember({ cancelling: [...others, id] }, signal))) return 0;
    const answered = { cancelled: [...cancelled, id] };
    const fields = { ...describeOperation(operation), machineAction: id };
    try {
      const { permission } = actionDefinitions[operation.request.action];
      await access.actions.cancel(id, formatComment(operation), permission, signal);
      held.keep(answered);
      logger.info('action_cancelled', fields);
      return 0;
    } catch (error) {
      signal.throwIfAborted();
      const serviceCode = error instanceof DefenderHttpError ? error.serviceCode : undefined;
      logger.warn('action_not_cancelled', { ...fields, ...describeError(error), serviceCode });
      // What cannot be cancelled any more is waited for; whether it can is asked until Defender answers.
      if (!(error instanceof AppError)) return 0;
      if (!error.retryable) held.keep(answered);
      return error.retryAfterMs ?? 0;
    }
  }
}
