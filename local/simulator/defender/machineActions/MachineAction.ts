import type { MachineActionPlan } from './MachineActionPlan.ts';

/** The types of machine actions. Source: https://learn.microsoft.com/defender-endpoint/api/machineaction */
export const machineActionTypes = [
  'RunAntiVirusScan',
  'Offboard',
  'LiveResponse',
  'CollectInvestigationPackage',
  'Isolate',
  'Unisolate',
  'StopAndQuarantineFile',
  'RestrictCodeExecution',
  'UnrestrictCodeExecution',
] as const;

/** One of `machineActionTypes`. */
export type MachineActionType = (typeof machineActionTypes)[number];

/** The states of a machine action; the first two are open, the others final. */
export const machineActionStatuses = [
  'Pending',
  'InProgress',
  'Succeeded',
  'Failed',
  'TimeOut',
  'Cancelled',
] as const;

/** One of `machineActionStatuses`. */
export type MachineActionStatus = (typeof machineActionStatuses)[number];

/** What somebody asks for. */
export interface MachineActionOrder {
  readonly type: MachineActionType;
  readonly scope: string | null;
  readonly machineId: string;
  readonly computerDnsName: string | null;
  /** The application id, or the user principal name of a person. */
  readonly requestor: string;
  readonly requestorComment: string;
  readonly requestSource: 'PublicApi' | 'Portal';
}

/** A machine action as it stands. Instants are ticks. */
export interface StoredMachineAction extends MachineActionOrder {
  readonly id: string;
  /** Its place in an unordered answer. */
  readonly place: number;
  readonly createdTicks: bigint;
  /** When list and get start to show it. */
  readonly visibleFrom: bigint;
  readonly plan: MachineActionPlan;
  status: MachineActionStatus;
  /** When the status was last changed. */
  updatedTicks: bigint;
  errorHResult: number;
  cancellation?: { readonly requestor: string; readonly comment: string; readonly ticks: bigint };
}

/** True until the action has come to an end. */
export function isOpen({ status }: StoredMachineAction): boolean {
  return status === 'Pending' || status === 'InProgress';
}
