import { defenderErrors, defenderRefusal } from '../defenderRefusal.ts';
import type { MachineFields } from './MachineStore.ts';

/** How a machine can be isolated. `UnManagedDevice` lets the other machines keep away from one that is not onboarded. */
export const isolationTypes = ['Full', 'Selective', 'UnManagedDevice'] as const;

/** One of `isolationTypes`. */
export type IsolationType = (typeof isolationTypes)[number];

const linux = ['Linux', 'Ubuntu', 'RedHatEnterpriseLinux'];
const fullyCapable = [
  'Windows11',
  'WindowsServer2012R2',
  'WindowsServer2016',
  'WindowsServer2019',
  'WindowsServer2022',
  'WindowsServer2025',
  'macOS',
];
const firstWindows10: Readonly<Record<'Full' | 'Selective', number>> = { Full: 1703, Selective: 1709 };

/**
 * Throws a 400 refusal when the machine cannot be isolated like this.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/isolate-machine (Windows 10 and 11, Linux, unmanaged devices),
 * https://learn.microsoft.com/defender-endpoint/respond-machine-alerts#isolate-devices-from-the-network (servers, macOS)
 */
export function verifyIsolationType(type: IsolationType, machine: MachineFields): void {
  const isOnboarded = machine.onboardingStatus === 'Onboarded';
  if (type === 'UnManagedDevice') {
    if (!isOnboarded) return;
    throw defenderRefusal(
      defenderErrors.invalidInput('UnManagedDevice is only for devices that are not onboarded.'),
    );
  }
  if (!isOnboarded)
    throw defenderRefusal(defenderErrors.invalidInput(`${type} is only for devices that are onboarded.`));
  const platform = typeof machine.osPlatform === 'string' ? machine.osPlatform : 'Unknown';
  if (platform === 'Windows10') {
    verifyWindows10(type, machine.version);
    return;
  }
  const isCapable = fullyCapable.includes(platform) || (type === 'Full' && linux.includes(platform));
  if (!isCapable) throw defenderRefusal(defenderErrors.osPlatformNotSupported(platform));
}

/** Versions are `1507` to `2009`, then `20H2` and so on. */
function verifyWindows10(type: 'Full' | 'Selective', version: unknown): void {
  const first = firstWindows10[type];
  const isOlder = typeof version === 'string' && /^\d{4}$/.test(version) && Number(version) < first;
  if (!isOlder) return;
  throw defenderRefusal(defenderErrors.clientVersionNotSupported(`${type} isolation`, String(first)));
}
