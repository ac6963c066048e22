import { SeededRandom } from '../random/SeededRandom.ts';
import { deviceRoles, firstNames, lastNames, sites, type DeviceRole } from './names.ts';

/** A device of the company, onboarded to Defender for Endpoint. */
export interface Device {
  /** Machine id: 40 hexadecimal digits. */
  readonly id: string;
  readonly dnsName: string;
  /** Its device group: `rbacGroupName` in Defender. */
  readonly groupName: string;
  readonly role: DeviceRole;
  /** Who usually works on it. */
  readonly user: User;
}

/** A person with an account. */
export interface User {
  readonly accountName: string;
  readonly userPrincipalName: string;
  readonly sid: string;
  readonly objectId: string;
}

/** The company that the simulated tenant belongs to. */
export interface Company {
  readonly tenantId: string;
  readonly tenantDomain: string;
  readonly displayName: string;
  /** NetBIOS domain. */
  readonly domainName: string;
  readonly users: readonly User[];
  readonly devices: readonly Device[];
  /** The people who work on alerts. */
  readonly analysts: readonly User[];
}

const userCount = 60;
const deviceCount = 40;

/** The DNS domain of the company's devices. */
export const dnsDomain = 'corp.harbourlane.example';

/** The same company for the same seed; tenant id and domain never change, so that a stored checkpoint stays valid. */
export function createCompany(seed: number): Company {
  const random = new SeededRandom(`company ${seed}`);
  const users = Array.from({ length: userCount }, (_value, index) => createUser(random, index));
  return {
    tenantId: '5d1f7a2c-83be-4d0e-9c41-6b7e2f90a3d8',
    tenantDomain: 'harbourlane.example',
    displayName: 'Harbour Lane Optics',
    domainName: 'HARBOURLANE',
    users,
    devices: Array.from({ length: deviceCount }, (_value, index) => createDevice(random, users, index)),
    analysts: users.slice(0, 4),
  };
}

function createUser(random: SeededRandom, index: number): User {
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  const accountName = `${first}.${last}${index}`.toLowerCase();
  return {
    accountName,
    userPrincipalName: `${accountName}@harbourlane.example`,
    sid: `S-1-5-21-2741306188-1530972441-3390518772-${1101 + index}`,
    objectId: random.guid(),
  };
}

function createDevice(random: SeededRandom, users: readonly User[], index: number): Device {
  const site = random.pick(sites);
  const role = index < 2 ? 'dc' : index < 6 ? 'srv' : random.pick(deviceRoles); // The first six are servers.
  return {
    id: random.hex(40),
    dnsName: `${site.code}-${role}-${String(index + 1).padStart(3, '0')}.${dnsDomain}`,
    groupName: role === 'dc' ? 'Domain Controllers' : role === 'srv' ? 'Servers' : site.groupName,
    role,
    user: random.pick(users),
  };
}
