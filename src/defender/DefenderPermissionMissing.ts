import { AppError } from '../runtime/AppError.ts';

export interface DefenderPermissionMissingInit {
  readonly operation: string;
  /** Any one of these application roles would do, least privileged first. */
  readonly needed: readonly string[];
  /** The roles that the token carries; undefined when it cannot be decoded. */
  readonly granted: readonly string[] | undefined;
  readonly requestId: string | undefined;
}

/**
 * Defender refused the call with 403. Nothing gets better by itself: a role must be granted, and a managed identity's
 * token is kept by the platform for up to a day after that.
 * Source: https://learn.microsoft.com/defender-endpoint/api/common-errors
 */
export class DefenderPermissionMissing extends AppError {
  override readonly name = 'DefenderPermissionMissing';
  readonly code = 'defender_permission_missing';
  readonly retryable = false;
  override readonly httpStatus = 502;
  readonly needed: readonly string[];

  constructor({ operation, needed, granted, requestId }: DefenderPermissionMissingInit) {
    const has =
      granted === undefined
        ? ''
        : ` The token carries ${granted.length > 0 ? granted.join(', ') : 'no role'}.`;
    const isGranted = granted?.some((role) => needed.includes(role)) ?? false;
    const next = isGranted
      ? 'The role is there, so check that the tenant is licensed and provisioned for Defender for Endpoint'
      : `Grant the application role ${needed.join(' or ')} to the identity`;
    super(
      `${operation}: Defender refused the call.${has} ${next}. Request id ${requestId ?? '(none was given)'}.`,
      {
        requestId,
      },
    );
    this.needed = needed;
  }
}
