import { findTicks, ticksPerSecond, toTimestamp } from '../clock/ticks.ts';
import type { SeededRandom } from '../random/SeededRandom.ts';
import type { DeviceRole } from './names.ts';
import type { OperatingSystem } from './operatingSystems.ts';

/** A machine as Defender for Endpoint sends it. Source: https://learn.microsoft.com/defender-endpoint/api/machine */
export interface Machine {
  readonly id: string;
  readonly mergedIntoMachineId: string | null;
  readonly isPotentialDuplication: boolean;
  readonly isExcluded: boolean;
  readonly exclusionReason: string | null;
  readonly computerDnsName: string;
  readonly firstSeen: string;
  /** The last full report; the store puts in what the clock says. */
  readonly lastSeen: string;
  readonly osPlatform: string;
  readonly osVersion: string | null;
  readonly osProcessor: string;
  readonly version: string;
  readonly lastIpAddress: string;
  readonly lastExternalIpAddress: string;
  readonly agentVersion: string | null;
  readonly osBuild: number | null;
  readonly healthStatus: string;
  readonly deviceValue: 'Normal' | 'Low' | 'High';
  readonly rbacGroupId: number;
  readonly rbacGroupName: string | null;
  readonly riskScore: string;
  readonly exposureLevel: string;
  readonly isAadJoined: boolean;
  readonly aadDeviceId: string | null;
  readonly machineTags: readonly string[];
  readonly onboardingStatus: string;
  readonly osArchitecture: string;
  readonly managedBy: string;
  readonly managedByStatus: string;
  readonly ipAddresses: readonly MachineIpAddress[];
  readonly vmMetadata: null;
}

/** An address of a machine. */
export interface MachineIpAddress {
  readonly ipAddress: string;
  readonly macAddress: string | null;
  readonly type: string;
  readonly operationalStatus: string;
}

/** What a machine record is made from. */
export interface MachineOrder {
  readonly random: SeededRandom;
  readonly id: string;
  readonly dnsName: string;
  readonly role: DeviceRole;
  readonly groupName: string | null;
  readonly system: OperatingSystem;
}

const groupIds: Readonly<Record<string, number>> = {
  'Domain Controllers': 10,
  Servers: 12,
  North: 21,
  South: 22,
};

const firstSeenFrom = findTicks('2024-02-01T00:00:00Z') ?? 0n;
const firstSeenDays = 600;

/** A healthy onboarded machine. */
export function createMachine({ random, id, dnsName, role, groupName, system }: MachineOrder): Machine {
  const firstSeen = firstSeenFrom + BigInt(Math.floor(random.next() * firstSeenDays * 86_400 * 1e7));
  const isServer = role === 'dc' || role === 'srv';
  const isJoined = !isServer && system.osPlatform.startsWith('Windows') && random.isChance(0.85);
  const addresses = createAddresses(random);
  return {
    id,
    mergedIntoMachineId: null,
    isPotentialDuplication: false,
    isExcluded: false,
    exclusionReason: null,
    computerDnsName: dnsName,
    firstSeen: toTimestamp(firstSeen - (firstSeen % ticksPerSecond) + BigInt(random.integer(0, 9_999_999))),
    lastSeen: toTimestamp(firstSeen),
    osPlatform: system.osPlatform,
    osVersion: null,
    osProcessor: 'x64',
    version: system.version,
    lastIpAddress: addresses[0]?.ipAddress ?? '',
    lastExternalIpAddress: `203.0.113.${random.integer(1, 254)}`,
    agentVersion: system.agentVersion,
    osBuild: system.osBuild,
    healthStatus: 'Active',
    deviceValue: toValue(random, role),
    rbacGroupId: groupName === null ? 0 : (groupIds[groupName] ?? 0),
    rbacGroupName: groupName,
    riskScore: random.pick(['None', 'None', 'None', 'Informational', 'Low', 'Medium', 'High']),
    exposureLevel: random.pick(['None', 'Low', 'Low', 'Medium', 'High']),
    isAadJoined: isJoined,
    aadDeviceId: isJoined ? random.guid() : null,
    machineTags: toTags(random, role),
    onboardingStatus: 'Onboarded',
    osArchitecture: '64-bit',
    managedBy: isJoined ? 'Intune' : 'MicrosoftDefenderForEndpoint',
    managedByStatus: isJoined ? 'Unknown' : 'Success',
    ipAddresses: addresses,
    vmMetadata: null,
  };
}

function toValue(random: SeededRandom, role: DeviceRole): Machine['deviceValue'] {
  if (role === 'dc') return 'High';
  if (role === 'srv') return random.pick(['High', 'Normal']);
  return role === 'lab' ? 'Low' : 'Normal';
}

function toTags(random: SeededRandom, role: DeviceRole): readonly string[] {
  if (role === 'dc') return ['Domain Controller', 'Tier 0'];
  if (role === 'srv') return random.pick([['Tier 1'], ['Tier 1', 'Backup'], []]);
  return random.isChance(0.2) ? [random.pick(['Pilot', 'Travel', 'Shared'])] : [];
}

function createAddresses(random: SeededRandom): readonly MachineIpAddress[] {
  const macAddress = `00005E${random.hex(6).toUpperCase()}`;
  const connected = { macAddress, type: 'Ethernet', operationalStatus: 'Up' };
  return [
    {
      ipAddress: `10.${random.integer(10, 60)}.${random.integer(0, 255)}.${random.integer(1, 254)}`,
      ...connected,
    },
    { ipAddress: `2001:db8::${random.hex(4)}`, ...connected },
    { ipAddress: '127.0.0.1', macAddress: null, type: 'SoftwareLoopback', operationalStatus: 'Up' },
  ];
}
