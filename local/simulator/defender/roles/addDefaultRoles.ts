import type { Company } from '../../company/Company.ts';
import { defenderPermissions, type DefenderRole, type DefenderRoles } from './DefenderRoles.ts';

/**
 * The roles of the company's first employees. The fourth has none, as everybody behind the fifth; the first four are
 * those who are assigned to the functions' own API.
 */
const defaultRoles: readonly (DefenderRole | undefined)[] = [
  { permissions: defenderPermissions, deviceGroups: 'all' }, // the analyst
  { permissions: ['View data'], deviceGroups: 'all' }, // the reader
  { permissions: ['View data', 'Alerts investigation'], deviceGroups: 'all' }, // the administrator
  undefined, // the newcomer
  { permissions: defenderPermissions, deviceGroups: ['North'] }, // an analyst of one site
];

/** Gives the company's people their roles. */
export function addDefaultRoles(roles: DefenderRoles, { users }: Company): void {
  for (const [index, role] of defaultRoles.entries()) {
    const user = users[index];
    if (user !== undefined && role !== undefined) roles.set(user.objectId, role);
  }
}
