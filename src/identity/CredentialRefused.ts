import { AppError } from '../runtime/AppError.ts';
import { findEntraError } from './findEntraError.ts';
import type { EntraFailure } from './readEntraFailure.ts';

export interface CredentialRefusedInit extends Partial<
  Pick<EntraFailure, 'number' | 'correlationId' | 'traceId'>
> {
  /** For what, where and as whom a token was asked for. */
  readonly subject: string;
  /** Entra's `error`, the only part that Microsoft calls stable. */
  readonly error: string;
  readonly cause: unknown;
}

/** Entra says nothing of how long a client that it takes for a loop is left unanswered; tight loops wait a minute. */
const LOOP_PAUSE_MS = 60_000;

/**
 * Entra refused to give a token. Trying again changes nothing, but for the few numbers that `entraErrors` calls passing.
 * Entra that cannot be reached is CredentialUnavailable instead; a refusal that is about a person is OnBehalfOfRefused.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export class CredentialRefused extends AppError {
  override readonly name = 'CredentialRefused';
  readonly code = 'credential_refused';
  override readonly httpStatus = 502;
  readonly retryable: boolean;
  readonly error: string;
  /** The AADSTS number. */
  readonly number: string | undefined;

  constructor({ subject, error, number, correlationId, traceId, cause }: CredentialRefusedInit) {
    const { retryable } = findEntraError(number, error);
    super(`Get a token for ${subject}: ${describeRefusal({ error, number, correlationId, traceId })}`, {
      cause,
      requestId: correlationId,
      ...(retryable ? { retryAfterMs: LOOP_PAUSE_MS } : {}),
    });
    this.retryable = retryable;
    this.error = error;
    this.number = number;
  }

  override get members(): Readonly<Record<string, unknown>> {
    return { entraError: this.error, ...(this.number === undefined ? {} : { aadsts: Number(this.number) }) };
  }
}

/** What Entra said, what it means, what to do, and the ids for a support case. */
export function describeRefusal({
  error,
  number,
  correlationId,
  traceId,
}: Omit<CredentialRefusedInit, 'subject' | 'cause'>): string {
  const { meaning, advice } = findEntraError(number, error);
  const shown = number ? `${error}, AADSTS${number}` : error;
  const trace = traceId ? `, trace id ${traceId}` : '';
  return (
    `Entra refused (${shown}): ${meaning}; ${advice}. ` +
    `Correlation id ${correlationId ?? '(none was given)'}${trace}.`
  );
}
