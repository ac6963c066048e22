import { SeededRandom } from '../random/SeededRandom.ts';
import type { Company, Device } from './Company.ts';
import { createMachine, type Machine } from './createMachine.ts';
import { operatingSystemsOf, windows11, windowsServer2022 } from './operatingSystems.ts';

/** A machine record with what Defender's answers do not tell. */
export interface CompanyMachine {
  readonly fields: Machine;
  /** When its device was last heard of, in days before the start; absent: it is connected. */
  readonly silentDays?: number;
}

/**
 * The machine records of the company: one for each device, and those that make finding a device hard.
 *
 * - the first workstation was installed anew: its old record stays, inactive and marked as a potential duplicate
 * - the second one's old record was merged into the current one
 * - two kiosks were cloned and share a name: both active, really ambiguous
 * - `srv1` is the beginning of `srv10`
 * - devices that were only discovered, not onboarded
 */
export function createMachines(company: Company, seed: number): readonly CompanyMachine[] {
  const random = new SeededRandom(`machines ${seed}`);
  const machines = company.devices.map((device, index) => ({ fields: createOf(random, device, index) }));
  const workstations = machines.filter(({ fields }) => fields.osPlatform.startsWith('Windows1'));
  const [reinstalled, merged] = workstations;
  return [
    ...machines,
    ...(reinstalled === undefined ? [] : [createStale(random, reinstalled.fields)]),
    ...(merged === undefined ? [] : [createMerged(random, merged.fields)]),
    ...createKiosks(random, company),
    ...['srv1', 'srv10'].map((name) => createServer(random, company, name)),
    ...createDiscovered(random),
  ];
}

function createOf(random: SeededRandom, device: Device, index: number): Machine {
  const { id, dnsName, role, groupName } = device;
  const systems = operatingSystemsOf[role];
  const system = systems[index % systems.length] ?? windows11;
  return createMachine({ random, id, dnsName, role, groupName, system });
}

/** A reinstalled device is a new record; the old one stays, inactive. Source: https://learn.microsoft.com/defender-endpoint/fix-unhealthy-sensors */
function createStale(random: SeededRandom, current: Machine): CompanyMachine {
  const fields = {
    ...current,
    id: random.hex(40),
    healthStatus: 'Inactive',
    isPotentialDuplication: true,
  };
  return { fields, silentDays: 41 };
}

function createMerged(random: SeededRandom, current: Machine): CompanyMachine {
  const fields = {
    ...current,
    id: random.hex(40),
    healthStatus: 'Inactive',
    mergedIntoMachineId: current.id,
  };
  return { fields, silentDays: 20 };
}

function createKiosks(random: SeededRandom, { dnsDomain }: Company): readonly CompanyMachine[] {
  return [1, 2].map(() => ({
    fields: createMachine({
      random,
      id: random.hex(40),
      dnsName: `kiosk.${dnsDomain}`,
      role: 'desk',
      groupName: 'South',
      system: windows11,
    }),
  }));
}

function createServer(random: SeededRandom, { dnsDomain }: Company, name: string): CompanyMachine {
  const fields = createMachine({
    random,
    id: random.hex(40),
    dnsName: `${name}.${dnsDomain}`,
    role: 'srv',
    groupName: 'Servers',
    system: windowsServer2022,
  });
  return { fields };
}

/** Devices that others saw on the network. No agent runs there, so little is known. */
function createDiscovered(random: SeededRandom): readonly CompanyMachine[] {
  const statuses = ['CanBeOnboarded', 'CanBeOnboarded', 'Unsupported', 'InsufficientInfo'];
  return statuses.map((onboardingStatus, index) => {
    const name = onboardingStatus === 'CanBeOnboarded' ? 'guest' : 'thing';
    const machine = createMachine({
      random,
      id: random.hex(40),
      dnsName: `${name}-${index + 1}`,
      role: 'note',
      groupName: null,
      system: windows11,
    });
    const fields = {
      ...machine,
      onboardingStatus,
      healthStatus: 'Unknown',
      agentVersion: null,
      osBuild: null,
      isAadJoined: false,
      aadDeviceId: null,
      machineTags: [],
      managedBy: 'Unknown',
      managedByStatus: 'Unknown',
    };
    return { fields };
  });
}
