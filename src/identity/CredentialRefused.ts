import { AppError } from '../runtime/AppError.ts';

export interface CredentialRefusedInit {
  readonly subject: string;
  /** Entra's `error`, the only part that Microsoft calls stable. */
  readonly error: string;
  /** The AADSTS number, a hint and no more. */
  readonly number: string | undefined;
  readonly correlationId: string | undefined;
  readonly cause: unknown;
}

/** What an operator does about the refusals that are met most. Source: facts of Entra's error reference. */
const advice: Readonly<Record<string, string>> = {
  '7000215': 'the secret is wrong; the value belongs into Key Vault, not the id of the secret',
  '7000222': 'the secret has expired; make a new one and put it into Key Vault',
  '700016':
    'the application is not in this tenant; check DEFENDER_CLIENT_ID, DEFENDER_TENANT_ID and the cloud',
  '90002': 'the tenant is unknown; check DEFENDER_TENANT_ID and AZURE_AUTHORITY_HOST',
  '65001': "an administrator must consent to the application's permissions",
  '500011':
    'the audience is unknown in the tenant; check DEFENDER_API_AUDIENCE and that Defender is licensed there',
  '7000112': 'the application is disabled in the tenant',
  '70011': 'the audience is not one that Entra knows; check DEFENDER_API_AUDIENCE',
};

/**
 * Entra refused to give a token. Trying again changes nothing.
 * Entra that cannot be reached is CredentialUnavailable instead.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export class CredentialRefused extends AppError {
  override readonly name = 'CredentialRefused';
  readonly code = 'credential_refused';
  readonly retryable = false;
  override readonly httpStatus = 502;
  readonly error: string;

  constructor({ subject, error, number, correlationId, cause }: CredentialRefusedInit) {
    const hint =
      advice[number ?? ''] ??
      'check the application and its tenant in Entra, or AZURE_CLIENT_ID for a managed identity';
    const shown = number ? `${error}, AADSTS${number}` : error;
    super(
      `Get a token for ${subject}: Entra refused (${shown}): ${hint}. ` +
        `Correlation id ${correlationId ?? '(none was given)'}.`,
      { cause, requestId: correlationId },
    );
    this.error = error;
  }
}
