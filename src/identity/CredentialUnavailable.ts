import { AppError } from '../runtime/AppError.ts';
import type { EntraFailure } from './readEntraFailure.ts';

/** No token could be got, and not because it was refused: Entra or the identity endpoint gave no usable answer. */
export class CredentialUnavailable extends AppError {
  override readonly name = 'CredentialUnavailable';
  readonly code = 'credential_unavailable';
  readonly retryable = true;
  override readonly httpStatus = 503;

  /** @param failure what was answered; undefined when nothing was that can be read. */
  constructor(
    subject: string,
    cause: unknown,
    failure?: Pick<EntraFailure, 'error' | 'number' | 'correlationId'>,
  ) {
    super(`Get a token for ${subject}: ${failure ? describeOutage(failure) : NO_TOKEN}`, {
      cause,
      requestId: failure?.correlationId,
    });
  }
}

const NO_TOKEN =
  'Entra or the managed identity endpoint gave no token. Check that a managed identity is assigned (AZURE_CLIENT_ID when ' +
  'it is user-assigned) and that AZURE_AUTHORITY_HOST can be reached.';

function describeOutage({
  error,
  number,
  correlationId,
}: Pick<EntraFailure, 'error' | 'number' | 'correlationId'>): string {
  const shown = number ? `${error}, AADSTS${number}` : error;
  return (
    `Entra or the managed identity endpoint is busy or broken (${shown}) and gave no token. Nothing has to be changed; ` +
    `try again later. Correlation id ${correlationId ?? '(none was given)'}.`
  );
}
