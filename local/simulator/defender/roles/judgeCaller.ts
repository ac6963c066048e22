import type { AccessClaims } from '../../entra/accessToken.ts';
import type { MachineStore } from '../machines/MachineStore.ts';
import type { DefenderPermission, DefenderRoles } from './DefenderRoles.ts';
import { createViewpoint, everything, type Viewpoint } from './Viewpoint.ts';

/** What a call asks of its caller. */
export interface Access {
  /** Application roles, one of which an application must have. */
  readonly roles: readonly string[];
  /** Delegated permissions, one of which a person's token must have. */
  readonly scopes: readonly string[];
  /** What the person's role in Defender must allow. */
  readonly permission: DefenderPermission;
}

/** The caller may not do this; the message says what is missing. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** True for the token of a person. */
export function isPerson({ upn, scopes }: AccessClaims): boolean {
  return upn !== undefined || scopes.length > 0;
}

/** What actions say about who asked for them: the person's name, or the application id. Source: https://learn.microsoft.com/defender-endpoint/api/machineaction */
export function toRequestor(claims: AccessClaims): string {
  return claims.upn ?? claims.appid;
}

/**
 * What the caller may see; throws `AccessDenied`.
 *
 * An application is judged by its roles. A person needs the delegated permission and a role in Defender: each can only
 * narrow what the other allows. Only that people are refused is documented; the words for them are our own.
 * Source: the permission tables of the calls, such as https://learn.microsoft.com/defender-endpoint/api/isolate-machine
 */
export function judgeCaller(
  claims: AccessClaims,
  { roles, scopes, permission }: Access,
  tenant: { readonly roles: DefenderRoles; readonly machines: MachineStore },
): Viewpoint {
  if (!isPerson(claims)) {
    verifyOneOf(roles, claims.roles, 'application roles', 'roles');
    return everything;
  }
  verifyOneOf(scopes, claims.scopes, 'scopes', 'scopes');
  const role = tenant.roles.find(claims.oid);
  const person = claims.upn ?? claims.oid;
  if (role === undefined) throw new AccessDenied(`The user ${person} has no role in Microsoft Defender.`);
  if (!role.permissions.includes(permission)) {
    throw new AccessDenied(
      `The role of ${person} in Microsoft Defender does not have the permission '${permission}'.`,
    );
  }
  return createViewpoint(role.deviceGroups, tenant.machines);
}

/** The text about roles was seen in real answers. */
function verifyOneOf(
  accepted: readonly string[],
  present: readonly string[],
  what: string,
  word: string,
): void {
  if (accepted.some((one) => present.includes(one))) return;
  throw new AccessDenied(
    `Missing ${what}. API required ${word}: ${accepted.join(',')}, ${what}: ${present.join(',')}.`,
  );
}
