import { X509Certificate } from 'node:crypto';
import { createPfx, type CertificatePair } from './pfx/createPfx.ts';
import type { SecretStore, SecretVersion } from './SecretStore.ts';

/** How the vault gives out a certificate with its key: by its policy's content type, and for PFX in which form. */
export const certificateFormats = ['pfx', 'legacyPfx', 'pem'] as const;

/** One of the formats. */
export type CertificateFormat = (typeof certificateFormats)[number];

/**
 * The certificates of the vault. Whoever reads the secret of the same name gets the private key too.
 *
 * Source: https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate
 */
export class VaultCertificates {
  readonly #secrets: SecretStore;
  readonly #pairs = new Map<string, CertificatePair>();

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  /** Stores a new version, whose secret expires with the certificate. */
  set(name: string, pair: CertificatePair, nowMs: number, format: CertificateFormat = 'pfx'): SecretVersion {
    this.#pairs.set(name.toLowerCase(), pair);
    const { validToDate } = new X509Certificate(pair.certificate);
    return this.#secrets.set(name, toValue(pair, format), nowMs, {
      expiresMs: validToDate.getTime(),
      contentType: format === 'pem' ? 'application/x-pem-file' : 'application/x-pkcs12',
      isManaged: true,
    });
  }

  /** The newest key and certificate; undefined when there is no such certificate. */
  find(name: string): CertificatePair | undefined {
    return this.#pairs.get(name.toLowerCase());
  }
}

/** Base64 of a PFX without a password, or key and certificate as PEM. */
function toValue(pair: CertificatePair, format: CertificateFormat): string {
  if (format === 'pem') return `${pair.privateKey}${pair.certificate}`;
  return createPfx(pair, format === 'pfx' ? 'modern' : 'legacy').toString('base64');
}
