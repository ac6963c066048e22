import { describe, expect, it } from 'vitest';
import { isPermitted, permissions } from '../../src/identity/permissions.ts';

const application = (...roles: string[]) => ({ isPerson: false, roles, scopes: [] });
const person = (...scopes: string[]) => ({ isPerson: true, roles: [], scopes });

describe.each(permissions.map((one) => [one.feature, one.role, one] as const))(
  'the permission of %s, %s,',
  (_feature, role, permission) => {
    it('is given by its role, and by each role that allows more', () => {
      for (const one of [role, ...permission.otherRoles]) {
        expect(isPermitted(permission, application('User.Read.All', one))).toBe(true);
      }
    });

    it('is given to people by its delegated scope, and by each that allows more', () => {
      for (const one of [permission.delegatedScope, ...permission.otherScopes]) {
        expect(isPermitted(permission, person('openid', one))).toBe(true);
      }
    });

    it('is given by nothing else: not by another role, nor by a role to a person or a scope to an application', () => {
      const { otherRoles, delegatedScope, otherScopes } = permission;
      const enough = [role, ...otherRoles];
      const others = permissions
        .flatMap((one) => [one.role, ...one.otherRoles])
        .filter((one) => !enough.includes(one));
      expect(isPermitted(permission, application(...others))).toBe(false);
      expect(isPermitted(permission, application())).toBe(false);
      expect(isPermitted(permission, person())).toBe(false);
      expect(isPermitted(permission, { isPerson: true, roles: enough, scopes: [] })).toBe(false);
      const scopes = [delegatedScope, ...otherScopes];
      expect(isPermitted(permission, { isPerson: false, roles: [], scopes })).toBe(false);
    });

    it('is not given by a name that only begins or ends like its own', () => {
      expect(isPermitted(permission, application(`${role}.More`, `Other.${role}`))).toBe(false);
    });
  },
);
