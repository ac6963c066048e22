import type { AppError } from '../runtime/AppError.ts';
import { OnBehalfOfRefused } from './OnBehalfOfRefused.ts';
import { readEntraFailure } from './readEntraFailure.ts';
import { toCredentialError } from './toCredentialError.ts';

export interface OnBehalfOfFailure {
  /** For what, where and as whom a token was asked for. */
  readonly subject: string;
  readonly authorityHost: string;
  /** Where the person signed in. */
  readonly tenantId: string;
  readonly error: unknown;
}

/** Entra's words for what is about the person and what they or their administrator allowed, not about the application. */
const ABOUT_THE_PERSON = [
  ...['interaction_required', 'invalid_grant', 'consent_required', 'login_required'],
  // With AADSTS53003 and its like.
  'access_denied',
];
/** Numbers that stand beside `invalid_grant`, but are about the application, or pass. */
const NOT_ABOUT_THE_PERSON: readonly (string | undefined)[] = ['50196', '7000114'];

/** One of our errors for what an on-behalf-of exchange throws. */
export function toOnBehalfOfError(init: OnBehalfOfFailure): AppError {
  const { subject, authorityHost, tenantId, error } = init;
  const failure = readEntraFailure(error);
  const isAboutThePerson =
    failure !== undefined &&
    !failure.isPassing &&
    ABOUT_THE_PERSON.includes(failure.error) &&
    !NOT_ABOUT_THE_PERSON.includes(failure.number);
  if (!isAboutThePerson) return toCredentialError(subject, error);
  const authorizeUrl = `${authorityHost}/${tenantId}/oauth2/v2.0/authorize`;
  return new OnBehalfOfRefused({ subject, failure, authorizeUrl, tenantId, cause: error });
}
