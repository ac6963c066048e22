import type {
  FollowedAction,
  Operation,
  OperationFailure,
  OperationStatus,
} from '../operations/Operation.ts';
import type { AppError } from '../runtime/AppError.ts';
import { stateOf, type MachineAction } from './MachineAction.ts';

/** Nothing new; look again at `nextCheckAt`. An error says why Defender could not be asked. */
export function postponed(operation: Operation, nextCheckAt: number, error?: unknown): Operation {
  return { ...operation, nextCheckAt, checkError: toFailure(error) };
}

/** Another machine action must end first. */
export function waiting(operation: Operation, blockerId: string, nextCheckAt: number): Operation {
  return { ...operation, waitingFor: blockerId, nextCheckAt, checkError: undefined };
}

/** It could be sent, but nobody is there who may send it. */
export function heldBack(operation: Operation, since: number, nextCheckAt: number): Operation {
  return { ...operation, heldBackSince: since, nextCheckAt, checkError: undefined };
}

export function ended(
  operation: Operation,
  status: 'Failed' | 'Canceled',
  now: number,
  error: OperationFailure,
): Operation {
  return { ...operation, status, endedAt: now, waitingFor: undefined, error, checkError: undefined };
}

/** The operation as far as its machine action is. */
export function following(
  operation: Operation,
  action: MachineAction,
  joined: boolean,
  now: number,
  nextCheckAt: number,
): Operation {
  const end = endOf(action);
  return {
    ...operation,
    status: end?.status ?? 'Running',
    machineAction: toFollowed(action, joined),
    waitingFor: undefined,
    checkedAt: now,
    nextCheckAt,
    endedAt: end ? now : undefined,
    error: end?.error,
    checkError: undefined,
  };
}

/** What the end of a machine action is for its operation; undefined while it is open. */
function endOf(action: MachineAction): { status: OperationStatus; error?: OperationFailure } | undefined {
  const trouble = [
    ...(action.errorHResult ? [`code ${action.errorHResult}`] : []),
    ...(action.troubleshootInfo === undefined ? [] : [action.troubleshootInfo]),
  ].join(', ');
  const because = trouble ? ` (${trouble})` : '';
  switch (stateOf(action)) {
    case 'open':
      return undefined;
    case 'succeeded':
      return { status: 'Succeeded' };
    case 'failed':
      return fail('Failed', 'machine_action_failed', `Defender could not carry the action out${because}.`);
    case 'timedOut':
      return fail(
        'Failed',
        'machine_action_timed_out',
        `The device did not report in time, and the action was not carried out${because}.`,
      );
    case 'cancelled':
      return fail(
        'Canceled',
        'machine_action_cancelled',
        `The action was cancelled by ${action.cancellationRequestor ?? 'somebody'}${because}.`,
      );
  }
}

function fail(status: 'Failed' | 'Canceled', code: string, message: string) {
  return { status, error: { code, message } };
}

function toFollowed(action: MachineAction, joined: boolean): FollowedAction {
  const { id, status, type, scope, requestor, createdDateTime, lastUpdatedDateTime } = action;
  const { errorHResult, troubleshootInfo, cancellationRequestor } = action;
  return {
    ...{ id, status, type, scope, requestor, joined, createdDateTime, lastUpdatedDateTime },
    ...{ errorHResult, troubleshootInfo, cancellationRequestor },
  };
}

function toFailure(error: unknown): OperationFailure | undefined {
  if (error === undefined) return undefined;
  const { code, message, requestId } = error as Partial<AppError>;
  return {
    code: code ?? 'unexpected_error',
    message: code === undefined ? 'Something unexpected went wrong; the log has it.' : (message ?? ''),
    requestId,
  };
}
