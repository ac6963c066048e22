import { permissionTable, type Permission } from '../identity/permissions.ts';
import type { Onboarding } from './chooseDevice.ts';

export type ActionName = 'isolate' | 'release';

export type IsolationType = 'Full' | 'Selective' | 'UnManagedDevice';

/** One kind of action on a device. */
export interface ActionDefinition {
  /** Below `/api/machines/{id}/`. */
  readonly path: string;
  /** The type of the machine action that Defender makes of it. */
  readonly type: string;
  /** The type that undoes it: an open one must end first, or the wrong one of the two would win. */
  readonly opposite: string;
  readonly permission: Permission;
  /** Protected devices are refused. */
  readonly isGuarded: boolean;
  /** Which devices it is for. */
  onboarding(isolationType: IsolationType | undefined): Onboarding;
}

/**
 * What can be done to a device.
 * Sources: https://learn.microsoft.com/defender-endpoint/api/isolate-machine and
 * https://learn.microsoft.com/defender-endpoint/api/unisolate-machine
 */
export const actionDefinitions: Readonly<Record<ActionName, ActionDefinition>> = {
  isolate: {
    path: 'isolate',
    type: 'Isolate',
    opposite: 'Unisolate',
    permission: permissionTable.isolateDevices,
    isGuarded: true,
    onboarding: (isolationType) => (isolationType === 'UnManagedDevice' ? 'unmanaged' : 'onboarded'),
  },
  release: {
    path: 'unisolate',
    type: 'Unisolate',
    opposite: 'Isolate',
    permission: permissionTable.isolateDevices,
    isGuarded: false,
    onboarding: () => 'any',
  },
};
