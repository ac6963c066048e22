import { hashText } from '../random/hashText.ts';
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

/** The company that a simulated tenant belongs to. */
export interface Company {
  readonly tenantId: string;
  readonly tenantDomain: string;
  readonly displayName: string;
  /** The DNS domain of its devices. */
  readonly dnsDomain: string;
  /** NetBIOS domain. */
  readonly domainName: string;
  readonly users: readonly User[];
  readonly devices: readonly Device[];
  /** The people who work on alerts. */
  readonly analysts: readonly User[];
}

/** What a company is made for. */
export interface CompanyTenant {
  readonly id: string;
  readonly domain: string;
  readonly displayName: string;
}

/** The tenant of the company that runs the functions; never changes, so that a stored checkpoint stays valid. */
export const homeTenant: CompanyTenant = {
  id: '5d1f7a2c-83be-4d0e-9c41-6b7e2f90a3d8',
  domain: 'harbourlane.example',
  displayName: 'Harbour Lane Optics',
};

/** Other companies are smaller, because there may be hundreds of them. */
const size = { home: { users: 60, devices: 40 }, other: { users: 12, devices: 10 } };

const homeSecurityId = 'S-1-5-21-2741306188-1530972441-3390518772';

/** The same company for the same seed and tenant. */
export function createCompany(seed: number, tenant: CompanyTenant = homeTenant): Company {
  const isHome = tenant.id === homeTenant.id;
  const random = new SeededRandom(`company ${seed}`);
  const count = isHome ? size.home : size.other;
  const securityId = isHome
    ? homeSecurityId
    : `S-1-5-21-${hashText(tenant.id)}-${hashText(tenant.domain)}-${seed}`;
  const domain = { name: tenant.domain, securityId };
  const users = Array.from({ length: count.users }, (_value, index) => createUser(random, domain, index));
  const dnsDomain = `corp.${tenant.domain}`;
  return {
    tenantId: tenant.id,
    tenantDomain: tenant.domain,
    displayName: tenant.displayName,
    dnsDomain,
    domainName: toNetBiosName(tenant.domain),
    users,
    devices: Array.from({ length: count.devices }, (_value, index) =>
      createDevice(random, { users, dnsDomain }, index),
    ),
    analysts: users.slice(0, 4),
  };
}

/** The first label of the domain, of which NetBIOS keeps 15 characters. */
function toNetBiosName(domain: string): string {
  return (domain.split('.')[0] ?? '').toUpperCase().slice(0, 15);
}

interface UserDomain {
  readonly name: string;
  readonly securityId: string;
}

function createUser(random: SeededRandom, domain: UserDomain, index: number): User {
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  const accountName = `${first}.${last}${index}`.toLowerCase();
  return {
    accountName,
    userPrincipalName: `${accountName}@${domain.name}`,
    sid: `${domain.securityId}-${1101 + index}`,
    objectId: random.guid(),
  };
}

function createDevice(
  random: SeededRandom,
  { users, dnsDomain }: Pick<Company, 'users' | 'dnsDomain'>,
  index: number,
): Device {
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
