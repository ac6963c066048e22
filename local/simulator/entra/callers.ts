import { callerApi, type CallerRole } from './callerApi.ts';
import { grantRole, type Directory } from './Directory.ts';
import type { Person } from './people.ts';
import type { Principal } from './Principal.ts';

/** The applications that call the functions' own API, or try to. Their ids never change; a secret is added by control. */
const callerApplications = {
  /** Logic Apps that respond. */
  playbooks: {
    appId: '3a5e9c07-d418-4f62-8b9e-c0741d2f65a3',
    objectId: '7c10b6e2-59fd-4a38-9d27-1e84f3a0c95b',
    roles: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt'],
  },
  reports: {
    appId: '94f1d68b-20c7-4da5-b3e6-5a8907fc12d4',
    objectId: 'e2b85f90-7d34-4c1a-a6f8-903bd51e47c6',
    roles: ['Defender.Read'],
  },
  hunters: {
    appId: 'd06c3be5-8f79-4a12-9e54-27b1a8d3f90c',
    objectId: '15f8a4d7-b2e0-4963-8c7f-d69e20b35a81',
    roles: ['Defender.Hunt'],
  },
  operators: {
    appId: '68b27fa1-c95d-4e03-a174-fe3d90862b5c',
    objectId: 'a93d0c56-41e7-4b8f-b05a-7c2f6e18d94b',
    roles: ['Defender.Admin', 'Defender.Read'],
  },
  /** An application of the tenant that nobody assigned: Entra gives it no token. */
  stranger: {
    appId: 'f4087d3e-a6b1-4c59-8d20-9be5c73f1a64',
    objectId: '2e6b9f58-0c83-4d17-a4e9-58d1f7b630ca',
    roles: [],
  },
} as const satisfies Record<string, CallerRegistration>;

interface CallerRegistration {
  readonly appId: string;
  readonly objectId: string;
  readonly roles: readonly CallerRole[];
}

/** The name of an application that calls the functions' own API. */
export type CallerName = keyof typeof callerApplications;

/** The roles of the people who are assigned to the API, in the order in which the company lists its analysts. */
const assignedPeople = {
  analyst: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt'],
  reader: ['Defender.Read'],
  administrator: ['Defender.Admin', 'Defender.Read'],
  /** Assigned with default access: a token without roles. */
  newcomer: [],
} as const satisfies Record<string, readonly CallerRole[]>;

/** A person of the company's tenant. */
export interface CallerUser extends Person {
  /** What this person is called at the control surface; undefined for everybody who is not assigned to the API. */
  readonly persona: keyof typeof assignedPeople | undefined;
  /** Roles on the functions' own API. */
  readonly roles: readonly CallerRole[];
}

/** Everybody who may call the functions' own API, and some who may not. */
export interface Callers {
  readonly applications: Readonly<Record<CallerName, Principal>>;
  readonly users: CallerUser[];
}

/** What is known of an employee. */
export interface Employee {
  readonly objectId: string;
  /** `given.family`, with a number behind it. */
  readonly accountName: string;
  readonly userPrincipalName: string;
}

/** Registers the callers of the functions' own API. The first employees are the ones who are assigned to it. */
export function addCallers(directory: Directory, tenantId: string, employees: readonly Employee[]): Callers {
  const personas = Object.entries(assignedPeople) as [keyof typeof assignedPeople, readonly CallerRole[]][];
  const users = employees.map((employee, index): CallerUser => {
    const [persona, roles = []] = personas[index] ?? [];
    return { persona, roles, isEnabled: true, sessionsValidFromMs: 0, ...toNames(employee) };
  });
  for (const user of users) directory.addPerson(tenantId, user);
  return {
    applications: mapCallers((name) => {
      const { appId, objectId, roles } = callerApplications[name];
      const registration = directory.register({ appId, displayName: name, homeTenantId: tenantId });
      const principal = directory.addPrincipal(registration, { kind: 'application', tenantId, objectId });
      for (const role of roles) grantRole(principal, callerApi, role);
      return principal;
    }),
    users,
  };
}

/** One value for each application, by its name. */
export function mapCallers<Value>(toValue: (name: CallerName) => Value): Readonly<Record<CallerName, Value>> {
  const names = Object.keys(callerApplications) as CallerName[];
  return Object.fromEntries(names.map((name) => [name, toValue(name)])) as Record<CallerName, Value>;
}

/** By persona, user principal name or object id. */
export function findUser({ users }: Callers, name: string): CallerUser | undefined {
  return users.find((user) =>
    [user.persona, user.userPrincipalName, user.objectId].includes(name.toLowerCase()),
  );
}

function toNames({
  objectId,
  userPrincipalName,
  accountName,
}: Employee): Pick<CallerUser, 'objectId' | 'userPrincipalName' | 'givenName' | 'familyName'> {
  const [givenName = '', familyName = ''] = accountName
    .replace(/\d+$/, '')
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return { objectId, userPrincipalName, givenName, familyName };
}
