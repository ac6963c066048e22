import type { TokenClaims } from '../identity/decodeTokenClaims.ts';
import { isPermitted, type Permission } from '../identity/permissions.ts';
import { AppError } from '../runtime/AppError.ts';

export interface PersonNotPermittedInit {
  readonly operation: string;
  readonly permission: Permission;
  /** What the token says; undefined when it cannot be decoded. */
  readonly claims: TokenClaims | undefined;
  readonly requestId: string | undefined;
}

/**
 * The person on whose behalf Defender was called may not do this: by their role in Defender, by the device groups that it
 * covers, or because nobody consented to the scope.
 * Source: https://learn.microsoft.com/defender-endpoint/api/exposed-apis-create-app-nativeapp
 */
export class PersonNotPermitted extends AppError {
  override readonly name = 'PersonNotPermitted';
  readonly code = 'person_not_permitted';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor({ operation, permission, claims, requestId }: PersonNotPermittedInit) {
    const { delegatedScope, resource } = permission;
    const role = 'their role in the Defender portal, or the device groups that it covers, must allow it';
    const why = !claims
      ? `${resource} refused it for this person; ${role}, and an administrator must have consented to the delegated permission ${delegatedScope}`
      : isPermitted(permission, claims)
        ? `${resource} refused it for ${claims.personName ?? 'this person'}; ${role}`
        : `the token carries ${claims.scopes.join(', ') || 'no scope'}; an administrator must consent to the delegated permission ${delegatedScope} of ${resource}`;
    const id = requestId === undefined ? '' : ` Request id ${requestId}.`;
    super(`${operation}: ${why}.${id}`, { requestId });
  }
}
