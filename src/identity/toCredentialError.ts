import type { AppError } from '../runtime/AppError.ts';
import { CredentialRefused } from './CredentialRefused.ts';
import { CredentialUnavailable } from './CredentialUnavailable.ts';
import { readEntraFailure } from './readEntraFailure.ts';

/**
 * One of our errors for what `@azure/identity` throws.
 * @param subject for what, where and as whom a token was asked for; becomes part of the message.
 */
export function toCredentialError(subject: string, error: unknown): AppError {
  const failure = readEntraFailure(error);
  if (!failure || failure.isPassing) return new CredentialUnavailable(subject, error, failure);
  return new CredentialRefused({ subject, ...failure, cause: error });
}
