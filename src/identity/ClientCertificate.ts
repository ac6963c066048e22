import type { KeyObject, X509Certificate } from 'node:crypto';
import { CertificateUnusable } from './CertificateUnusable.ts';

/** A certificate with its private key, as an app registration knows it. */
export class ClientCertificate {
  readonly #name: string;
  readonly privateKey: KeyObject;
  /** SHA-256 of its DER form, base64url. */
  readonly thumbprint: string;
  /** Milliseconds since the Unix epoch. */
  readonly notBefore: number;
  readonly notAfter: number;

  constructor(name: string, certificate: X509Certificate, privateKey: KeyObject) {
    this.#name = name;
    this.privateKey = privateKey;
    this.thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString(
      'base64url',
    );
    this.notBefore = certificate.validFromDate.getTime();
    this.notAfter = certificate.validToDate.getTime();
  }

  /** @throws CertificateUnusable when it has expired or is not valid yet. */
  verifyDates(now: number): void {
    if (now > this.notAfter) {
      throw new CertificateUnusable(
        this.#name,
        `it expired on ${toDay(this.notAfter)}; put a new one into the vault and onto the app registration`,
      );
    }
    if (now < this.notBefore) {
      throw new CertificateUnusable(this.#name, `it is not valid before ${toDay(this.notBefore)}`);
    }
  }
}

function toDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
