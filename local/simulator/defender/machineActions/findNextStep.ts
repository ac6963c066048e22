import type { StoredMachine } from '../machines/MachineStore.ts';
import type { MachineActionStatus, StoredMachineAction } from './MachineAction.ts';
import { timeOutHResult, timeOutTicks, type MachineActionOutcome } from './MachineActionPlan.ts';

/** A change of status that lies ahead. */
export interface Step {
  readonly atTicks: bigint;
  readonly status: MachineActionStatus;
  readonly errorHResult: number;
}

const ends: Readonly<Record<MachineActionOutcome, MachineActionStatus>> = {
  succeed: 'Succeeded',
  fail: 'Failed',
  timeOut: 'TimeOut',
};

/**
 * What happens to an open action next, as long as the device stays connected or away; undefined when it is over.
 *
 * It waits while the device cannot be reached, and ends three days after its creation in any case.
 */
export function findNextStep(
  action: StoredMachineAction,
  machine: StoredMachine | undefined,
): Step | undefined {
  const { status, plan, createdTicks, updatedTicks } = action;
  if (status !== 'Pending' && status !== 'InProgress') return undefined;
  const deadline = createdTicks + timeOutTicks;
  const timeOut: Step = { atTicks: deadline, status: 'TimeOut', errorHResult: timeOutHResult };
  const isMoving = machine?.isOnline === true || plan.outcome === 'timeOut';
  if (!isMoving) return timeOut;
  const isStarting = status === 'Pending' && plan.runTicks > 0n;
  const due = status === 'Pending' ? createdTicks + plan.pendingTicks : updatedTicks + plan.runTicks;
  const since = machine?.onlineSince ?? due;
  const atTicks = since > due ? since : due;
  if (atTicks > deadline) return timeOut;
  return isStarting
    ? { atTicks, status: 'InProgress', errorHResult: 0 }
    : { atTicks, status: ends[plan.outcome], errorHResult: plan.errorHResult };
}
