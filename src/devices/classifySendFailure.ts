import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { AppError } from '../runtime/AppError.ts';

/** What a failed request for an action means for the action. */
export type SendFailure =
  /** The same action is open. */
  | { readonly kind: 'alreadyActive' }
  /** Certainly not carried out, and worth another try. */
  | { readonly kind: 'notSent'; readonly error: AppError; readonly retryAfterMs: number | undefined }
  /** Certainly not carried out, and never will be. */
  | { readonly kind: 'refused'; readonly error: AppError }
  /** It may have been carried out. */
  | { readonly kind: 'unknown'; readonly error: unknown };

const THROTTLED_MS = 30_000;

/** Without a token, or with one that lacks the role, nothing is carried out. */
const BEFORE_SENDING = new Set([
  'credential_refused',
  'credential_unavailable',
  'secret_unavailable',
  'defender_permission_missing',
  'person_not_permitted',
  'on_behalf_of_refused',
  'certificate_unusable',
  'tenant_needs_application',
]);

/** Source: https://learn.microsoft.com/defender-endpoint/api/common-errors */
export function classifySendFailure(error: unknown): SendFailure {
  if (error instanceof DefenderHttpError) {
    if (isAlreadyActive(error)) return { kind: 'alreadyActive' };
    if (error.isThrottled)
      return { kind: 'notSent', error, retryAfterMs: error.retryAfterMs ?? THROTTLED_MS };
    return error.retryable ? { kind: 'unknown', error } : { kind: 'refused', error };
  }
  if (error instanceof AppError && BEFORE_SENDING.has(error.code)) {
    return error.retryable
      ? { kind: 'notSent', error, retryAfterMs: error.retryAfterMs }
      : { kind: 'refused', error };
  }
  return { kind: 'unknown', error };
}

function isAlreadyActive({ serviceStatus, serviceCode, serviceMessage }: DefenderHttpError): boolean {
  return (
    serviceStatus === 400 &&
    (/^ActiveRequestAlready/i.test(serviceCode) || /already in progress/i.test(serviceMessage ?? ''))
  );
}
