import type { AppError } from '../runtime/AppError.ts';
import { CredentialRefused } from './CredentialRefused.ts';
import { CredentialUnavailable } from './CredentialUnavailable.ts';

interface EntraFailure {
  errorCode?: unknown;
  errorNo?: unknown;
  status?: unknown;
  correlationId?: unknown;
  errorResponse?: { error?: unknown; errorCodes?: unknown; correlationId?: unknown };
  statusCode?: unknown;
}

/**
 * One of our errors for what `@azure/identity` throws. A refusal hides in the chain of causes: as MSAL's ServerError
 * (`errorCode`, `errorNo`, `status`) or as AuthenticationError (`statusCode`, `errorResponse`).
 */
export function toCredentialError(subject: string, error: unknown): AppError {
  for (let current = error; current instanceof Error; current = current.cause) {
    const failure = current as Error & EntraFailure;
    const status = numberOf(failure.status) ?? numberOf(failure.statusCode);
    if (status === undefined || status < 400 || status >= 500 || status === 429) continue;
    const { errorResponse } = failure;
    const numbers: unknown[] = Array.isArray(errorResponse?.errorCodes) ? errorResponse.errorCodes : [];
    return new CredentialRefused({
      subject,
      error: textOf(failure.errorCode) ?? textOf(errorResponse?.error) ?? `HTTP ${status}`,
      number: textOf(failure.errorNo) ?? textOf(numbers[0]),
      correlationId: textOf(failure.correlationId) ?? textOf(errorResponse?.correlationId),
      cause: error,
    });
  }
  return new CredentialUnavailable(subject, error);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Only short code-like texts: descriptions are free text. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^[\w-]{1,100}$/.test(text) ? text : undefined;
}
