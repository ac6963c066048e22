/**
 * What a role of Defender lets people do, in Microsoft's words.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/user-roles#permission-options
 */
export const defenderPermissions = [
  'View data',
  'Alerts investigation',
  'Active remediation actions',
] as const;

/** One of `defenderPermissions`. */
export type DefenderPermission = (typeof defenderPermissions)[number];

/** The devices that a person may see: all, or those of these groups, by name (`rbacGroupName`) or id (`rbacGroupId`). */
export type DeviceGroups = 'all' | readonly string[];

/** What one person may do and see. */
export interface DefenderRole {
  readonly permissions: readonly DefenderPermission[];
  readonly deviceGroups: DeviceGroups;
}

/**
 * The roles of people in one tenant's Defender, by object id. Real ones are given to groups of people.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/rbac
 */
export class DefenderRoles {
  readonly #roles = new Map<string, DefenderRole>();

  set(objectId: string, role: DefenderRole): void {
    this.#roles.set(objectId.toLowerCase(), role);
  }

  /** False when the person has no role. */
  remove(objectId: string): boolean {
    return this.#roles.delete(objectId.toLowerCase());
  }

  find(objectId: string): DefenderRole | undefined {
    return this.#roles.get(objectId.toLowerCase());
  }

  /** Object ids with roles, in the order in which they were given. */
  list(): readonly (readonly [string, DefenderRole])[] {
    return [...this.#roles];
  }
}
