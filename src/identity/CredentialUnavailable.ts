import { AppError } from '../runtime/AppError.ts';

/** No token could be got, and not because it was refused: Entra or the identity endpoint gave no usable answer. */
export class CredentialUnavailable extends AppError {
  override readonly name = 'CredentialUnavailable';
  readonly code = 'credential_unavailable';
  readonly retryable = true;
  override readonly httpStatus = 503;

  constructor(subject: string, cause: unknown) {
    super(
      `Get a token for ${subject}: Entra or the managed identity endpoint gave no token. Check that a managed identity is ` +
        'assigned (AZURE_CLIENT_ID when it is user-assigned) and that AZURE_AUTHORITY_HOST can be reached.',
      { cause },
    );
  }
}
