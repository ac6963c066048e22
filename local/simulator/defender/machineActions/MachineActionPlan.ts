import { ticksPerSecond } from '../../clock/ticks.ts';

/** How a machine action will go, decided when it is created. */
export interface MachineActionPlan {
  /** How long it stays Pending on a connected device, in ticks. */
  readonly pendingTicks: bigint;
  /** How long it is InProgress then, in ticks; 0: it is never seen so. */
  readonly runTicks: bigint;
  readonly outcome: MachineActionOutcome;
  /** `errorHResult` at the end. */
  readonly errorHResult: number;
}

/** How an action can end by itself. */
export const machineActionOutcomes = ['succeed', 'fail', 'timeOut'] as const;

/** One of `machineActionOutcomes`. */
export type MachineActionOutcome = (typeof machineActionOutcomes)[number];

/** What a rule says about a plan. */
export interface PlanOrder {
  readonly pendingSeconds?: number;
  readonly runSeconds?: number;
  readonly outcome?: MachineActionOutcome;
  readonly errorHResult?: number;
}

/**
 * So long the service tries to reach the device.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#isolate-devices-from-the-network
 */
export const timeOutTicks = 3n * 86_400n * ticksPerSecond;

/** Seen in real actions. */
export const timeOutHResult = -2_145_844_840;

/** Seen in real actions: `E_ABORT`. */
export const cancelledHResult = -2_147_467_260;

/** What failed actions carry is not documented; this is `E_FAIL`. */
const failedHResult = -2_147_467_259;

const hResults: Readonly<Record<MachineActionOutcome, number>> = {
  succeed: 0,
  fail: failedHResult,
  timeOut: timeOutHResult,
};

const pendingSeconds = 2;
const runSeconds = 3;

/** The plan of an action: by default it succeeds after a few seconds; one that is to time out does so after three days. */
export function createPlan(order: PlanOrder = {}): MachineActionPlan {
  const { outcome = 'succeed' } = order;
  const isTimeOut = outcome === 'timeOut';
  return {
    pendingTicks:
      order.pendingSeconds === undefined && isTimeOut
        ? timeOutTicks
        : toTicks(order.pendingSeconds ?? pendingSeconds),
    runTicks: toTicks(order.runSeconds ?? (isTimeOut ? 0 : runSeconds)),
    outcome,
    errorHResult: order.errorHResult ?? hResults[outcome],
  };
}

/** Whole milliseconds of seconds, as ticks. */
export function toTicks(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1000)) * (ticksPerSecond / 1000n);
}
