import { AppError } from '../runtime/AppError.ts';

/** What lies in the vault as a certificate cannot prove anything. A certificate that Entra refuses is CredentialRefused. */
export class CertificateUnusable extends AppError {
  override readonly name = 'CertificateUnusable';
  readonly code = 'certificate_unusable';
  readonly retryable = false;
  override readonly httpStatus = 503;

  /** @param why what is wrong and what to do, never a part of the value. */
  constructor(certificateName: string, why: string) {
    // Without a cause: what parsers say may repeat what they read.
    super(`Use certificate '${certificateName}' of Key Vault: ${why}.`);
  }
}
