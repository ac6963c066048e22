import type { GuardSettings } from '../settings/parseResponseSettings.ts';
import { isOnboarded, type Machine } from './Machine.ts';
import { findProtection } from './protection.ts';

/** A machine as callers see it. */
export interface DeviceView {
  readonly id: string;
  readonly name: string | undefined;
  readonly aadDeviceId: string | undefined;
  readonly osPlatform: string | undefined;
  readonly healthStatus: string | undefined;
  readonly onboardingStatus: string | undefined;
  readonly deviceValue: string | undefined;
  readonly deviceGroup: string | undefined;
  readonly tags: readonly string[];
  readonly lastSeen: string | undefined;
  /** True for a record that an action by name would choose. */
  readonly isActive: boolean;
  readonly inactiveBecause: string | undefined;
  readonly protectedBy: string | undefined;
}

export function toDeviceView(machine: Machine, guards: GuardSettings): DeviceView {
  const { id, name, aadDeviceId, osPlatform, healthStatus, onboardingStatus, deviceValue, tags, lastSeen } =
    machine;
  const inactiveBecause = findStaleness(machine);
  return {
    ...{ id, name, aadDeviceId, osPlatform, healthStatus, onboardingStatus, deviceValue },
    deviceGroup: machine.groupName,
    ...{ tags, lastSeen },
    isActive: inactiveBecause === undefined,
    inactiveBecause,
    protectedBy: findProtection(machine, guards),
  };
}

/** Why a record is not the one that stands for its device now; undefined when it is. */
export function findStaleness(machine: Machine): string | undefined {
  if (machine.mergedInto !== undefined) return `merged into ${machine.mergedInto}`;
  if (machine.healthStatus?.toLowerCase() === 'inactive') return 'it has not reported for a week or longer';
  if (!isOnboarded(machine)) return `its onboarding status is ${machine.onboardingStatus ?? 'unknown'}`;
  return undefined;
}
