import type { GuardSettings } from '../settings/parseResponseSettings.ts';
import { DeviceAmbiguous } from './DeviceAmbiguous.ts';
import type { DeviceIdentifier } from './DeviceIdentifier.ts';
import { DeviceMerged } from './DeviceMerged.ts';
import { DeviceNotFound } from './DeviceNotFound.ts';
import { findStaleness, toDeviceView } from './deviceView.ts';
import { isOnboarded, type Machine } from './Machine.ts';

/** Which devices an action is for: those that are onboarded, those that are not, or both. */
export type Onboarding = 'onboarded' | 'unmanaged' | 'any';

/**
 * The one machine that is meant.
 *
 * Whoever gives Defender's id has chosen the record, also one that has not reported for long: its isolation waits for
 * it. By name or Entra device id only an active record is taken, and only when there is exactly one.
 *
 * @throws DeviceNotFound, DeviceAmbiguous with all candidates, DeviceMerged
 */
export function chooseDevice(
  identifier: DeviceIdentifier,
  machines: readonly Machine[],
  guards: GuardSettings,
  onboarding: Onboarding,
): Machine {
  const [first] = machines;
  if (!first) throw new DeviceNotFound(identifier.value);
  if (identifier.kind === 'id') {
    if (first.mergedInto !== undefined) throw new DeviceMerged(first.id, first.mergedInto);
    return first;
  }
  const eligible = machines.filter((machine) => isEligible(machine, onboarding));
  const [only] = eligible;
  if (only && new Set(eligible.map(({ id }) => id)).size === 1) return only;
  throw new DeviceAmbiguous(
    identifier.value,
    machines.map((machine) => toDeviceView(machine, guards)),
  );
}

function isEligible(machine: Machine, onboarding: Onboarding): boolean {
  if (onboarding === 'onboarded') return findStaleness(machine) === undefined;
  if (machine.mergedInto !== undefined) return false;
  return onboarding === 'unmanaged'
    ? !isOnboarded(machine)
    : !isOnboarded(machine) || findStaleness(machine) === undefined;
}
