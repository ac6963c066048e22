import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClientCertificate } from './ClientCertificate.ts';

/** Microsoft advises five to ten minutes; it is used at once. */
const LIFETIME_SECONDS = 5 * 60;

export interface AssertionInit {
  readonly certificate: ClientCertificate;
  readonly clientId: string;
  /** Where it is shown. */
  readonly tokenUrl: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * By what an application with a certificate proves itself to Entra, for its own tokens and for those on behalf of people.
 *
 * Ours, and not the SDK's: that reads certificates for on-behalf-of from files only, and there are none here.
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function signAssertion({ certificate, clientId, tokenUrl, now }: AssertionInit): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': certificate.thumbprint })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_SECONDS)
    .sign(certificate.privateKey);
}
