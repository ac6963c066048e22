import type { DeviceState } from '../operations/DeviceTurns.ts';
import { operationTag, type Operation } from '../operations/Operation.ts';
import { actionDefinitions } from './actions.ts';
import { isOpen, type MachineAction } from './MachineAction.ts';
import { SHOWN_WITHIN_MS } from './pace.ts';

/** How an operation begins, given what Defender has of the device. */
export type Start =
  /** The action was asked for before. */
  | { readonly kind: 'own'; readonly action: MachineAction }
  /** A later request for the opposite was sent. */
  | { readonly kind: 'superseded'; readonly operationId: string }
  /** Another operation's action may be open and not shown yet. */
  | { readonly kind: 'lookAgain' }
  /** The same is open already. */
  | { readonly kind: 'join'; readonly action: MachineAction }
  /** An open action must end first, or it could win over this one. */
  | { readonly kind: 'wait'; readonly action: MachineAction; readonly shouldCancel: boolean }
  | { readonly kind: 'send' };

export function chooseStart(
  operation: Operation,
  machineActions: readonly MachineAction[],
  { lastSent, lastAsked, cancelling, cancelled }: DeviceState,
  now: number,
): Start {
  const { id, createdAt, request } = operation;
  const own = machineActions.find((action) => isOwnAction(action, operation));
  if (own) return { kind: 'own', action: own };
  if (lastSent && lastSent.createdAt > createdAt && lastSent.action !== request.action) {
    return { kind: 'superseded', operationId: lastSent.operationId };
  }
  if (lastAsked && lastAsked.operationId !== id && now < lastAsked.at + SHOWN_WITHIN_MS) {
    const isShown = machineActions.some((action) => tagOf(action) === operationTag(lastAsked.operationId));
    if (!isShown) return { kind: 'lookAgain' };
  }

  const { type, opposite } = actionDefinitions[request.action];
  const open = machineActions.filter(isOpen);
  const blocker = open.find((action) => isType(action, opposite));
  if (blocker) return { kind: 'wait', action: blocker, shouldCancel: !cancelled.includes(blocker.id) };

  const same = open.filter((action) => isType(action, type));
  const joinable = same.find(
    (action) => !cancelling.includes(action.id) && hasScope(action, request.isolationType),
  );
  if (joinable) return { kind: 'join', action: joinable };
  const [other] = same;
  return other ? { kind: 'wait', action: other, shouldCancel: false } : { kind: 'send' };
}

/**
 * True for the machine action that this operation asked for. A comment may quote the tag of another operation further on,
 * and an action that it cancelled has its tag in the cancellation comment.
 */
export function isOwnAction(action: MachineAction, { id, request }: Operation): boolean {
  return isType(action, actionDefinitions[request.action].type) && tagOf(action) === operationTag(id);
}

function tagOf({ requestorComment }: MachineAction): string | undefined {
  return requestorComment === undefined ? undefined : /\[op:\w+\]/.exec(requestorComment)?.[0];
}

function isType(action: MachineAction, type: string): boolean {
  return action.type.toLowerCase() === type.toLowerCase();
}

/** An isolation of another kind is not what was asked for. */
function hasScope({ scope }: MachineAction, isolationType: string | undefined): boolean {
  return (
    isolationType === undefined || scope === undefined || scope.toLowerCase() === isolationType.toLowerCase()
  );
}
