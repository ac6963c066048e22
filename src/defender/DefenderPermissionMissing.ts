import type { TokenClaims } from '../identity/decodeTokenClaims.ts';
import { isPermitted, type Permission } from '../identity/permissions.ts';
import { AppError } from '../runtime/AppError.ts';

export interface DefenderPermissionMissingInit {
  readonly operation: string;
  readonly permission: Permission;
  /** What the token says; undefined when it cannot be decoded. */
  readonly claims: TokenClaims | undefined;
  /** Whether the service was asked; false when the token showed before that it would refuse. */
  readonly wasAsked: boolean;
  readonly requestId: string | undefined;
}

/**
 * The app's own identity lacks a permission. Nothing gets better by itself: a role must be granted, and a managed identity's
 * token is kept by the platform for up to a day after that.
 * Source: https://learn.microsoft.com/defender-endpoint/api/common-errors
 */
export class DefenderPermissionMissing extends AppError {
  override readonly name = 'DefenderPermissionMissing';
  readonly code = 'defender_permission_missing';
  readonly retryable = false;
  override readonly httpStatus = 502;
  readonly permission: Permission;
  /** False when the call was not made, because the token showed that it would be refused. */
  readonly wasAsked: boolean;

  constructor({ operation, permission, claims, wasAsked, requestId }: DefenderPermissionMissingInit) {
    const { role, otherRoles, resource } = permission;
    const has = claims
      ? ` The token carries ${claims.roles.length > 0 ? claims.roles.join(', ') : 'no role'}.`
      : '';
    const isGranted = claims !== undefined && isPermitted(permission, claims);
    const next = isGranted
      ? 'The role is there, so check that the tenant is licensed and provisioned for it'
      : `Grant the application role ${[role, ...otherRoles].join(' or ')} of ${resource} to the identity; npm run doctor prints the command`;
    super(
      wasAsked
        ? `${operation}: ${resource} refused the call.${has} ${next}. Request id ${requestId ?? '(none was given)'}.`
        : `${operation}: the call was not made, because ${resource} would refuse it.${has} ${next}.`,
      { requestId },
    );
    this.permission = permission;
    this.wasAsked = wasAsked;
  }
}
