import { readMachine, type Machine } from '../../src/devices/Machine.ts';
import { readMachineAction, type MachineAction } from '../../src/devices/MachineAction.ts';
import type { Operation } from '../../src/operations/Operation.ts';
import { deviceId, orderOf, START } from './createTestActions.ts';

/** An active workstation as this app reads it from Defender's record. */
export function machineOf(record: Readonly<Record<string, unknown>> = {}): Machine {
  const machine = readMachine({
    id: deviceId(1),
    computerDnsName: 'ws1.contoso.example',
    osPlatform: 'Windows11',
    healthStatus: 'Active',
    onboardingStatus: 'Onboarded',
    deviceValue: 'Normal',
    ...record,
  });
  if (!machine) throw new Error('that is no machine');
  return machine;
}

/** An open isolation of device 1 that somebody asked for in the portal. */
export function machineActionOf(record: Readonly<Record<string, unknown>> = {}): MachineAction {
  const action = readMachineAction({
    id: 'action-1',
    type: 'Isolate',
    status: 'Pending',
    scope: 'Full',
    machineId: deviceId(1),
    requestorComment: 'by hand',
    ...record,
  });
  if (!action) throw new Error('that is no machine action');
  return action;
}

/** The id of the operation that `operationOf` makes. */
export const OPERATION_ID = '0123456789abcdef0123456789abcdef';

/** An accepted isolation of device 1 that was not sent yet. */
export function operationOf(
  operation: Partial<Operation> = {},
  request: Partial<Operation['request']> = {},
): Operation {
  const { action, comment, incidentId, isolationType, caller, run } = orderOf();
  return {
    id: OPERATION_ID,
    requestHash: 'hash',
    request: {
      ...{ action, comment, incidentId, isolationType, caller, run },
      device: { id: deviceId(1), name: 'ws1.contoso.example' },
      ...request,
    },
    status: 'NotStarted',
    createdAt: START,
    attempts: 0,
    sentAt: undefined,
    machineAction: undefined,
    waitingFor: undefined,
    checkedAt: undefined,
    nextCheckAt: START,
    endedAt: undefined,
    error: undefined,
    checkError: undefined,
    ...operation,
  };
}
