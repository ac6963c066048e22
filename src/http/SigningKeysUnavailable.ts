import { AppError } from '../runtime/AppError.ts';

/** The keys that verify callers' tokens could not be read from Entra; nobody is let in without them. */
export class SigningKeysUnavailable extends AppError {
  override readonly name = 'SigningKeysUnavailable';
  readonly code = 'signing_keys_unavailable';
  readonly retryable = true;
  override readonly httpStatus = 503;

  constructor(cause: unknown) {
    super(
      'Verify the caller: the signing keys of Entra cannot be read. Check AZURE_AUTHORITY_HOST and the network.',
      {
        cause,
        retryAfterMs: 10_000,
      },
    );
  }
}
