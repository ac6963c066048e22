import { createHash, randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import type { Registration } from './Principal.ts';

/** A client secret of an application. */
export interface ClientSecret {
  readonly keyId: string;
  readonly value: string;
  readonly createdMs: number;
  expiresMs: number;
}

/** A certificate that an application may sign with: its public half. */
export interface Certificate {
  readonly keyId: string;
  /** SHA-1 of the DER form, upper-case hexadecimal, as the portal shows it. */
  readonly thumbprint: string;
  /** SHA-1 of the DER form, base64url: `x5t` in the header of an assertion. */
  readonly x5t: string;
  /** SHA-256 of the DER form, base64url: `x5t#S256` in the header of an assertion. */
  readonly x5tS256: string;
  readonly pem: string;
  startMs: number;
  expiresMs: number;
}

/**
 * Whose tokens an application accepts as its own proof. All three values are compared exactly, case included.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export interface FederatedCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** So many federated credentials an application can have. */
export const mostFederatedCredentials = 20;

/** Makes a client secret in the shape of Entra's: 40 printable characters. */
export function addSecret({ secrets }: Registration, nowMs: number, lifetimeMs: number): ClientSecret {
  const value = randomBytes(60).toString('base64').replace(/[+/=]/g, '').slice(0, 37);
  const secret = {
    keyId: randomUUID(),
    value: `${value.slice(0, 3)}8Q~${value.slice(3)}`,
    createdMs: nowMs,
    expiresMs: nowMs + lifetimeMs,
  };
  secrets.push(secret);
  return secret;
}

/** Registers the certificate with this PEM text; throws a RangeError when it is not one with an RSA key. */
export function addCertificate({ certificates }: Registration, pem: string): Certificate {
  const parsed = parseCertificate(pem);
  const certificate = {
    keyId: randomUUID(),
    thumbprint: hash('sha1', parsed.raw).toString('hex').toUpperCase(),
    x5t: hash('sha1', parsed.raw).toString('base64url'),
    x5tS256: hash('sha256', parsed.raw).toString('base64url'),
    pem,
    startMs: parsed.validFromDate.getTime(),
    expiresMs: parsed.validToDate.getTime(),
  };
  certificates.push(certificate);
  return certificate;
}

/** Registers a federated credential; throws a RangeError for the twenty-first and for a name that is taken or not allowed. */
export function addFederatedCredential(
  { federatedCredentials }: Registration,
  { name, issuer, subject, audience }: Omit<FederatedCredential, 'id'>,
): FederatedCredential {
  if (federatedCredentials.length >= mostFederatedCredentials)
    throw new RangeError(`An application has at most ${mostFederatedCredentials} federated credentials.`);
  if (!/^[0-9A-Za-z][0-9A-Za-z_-]{2,119}$/.test(name))
    throw new RangeError(
      `'${name}' is no name of a federated credential: 3 to 120 letters, digits, - and _.`,
    );
  if (federatedCredentials.some((one) => one.name === name))
    throw new RangeError(`There is a federated credential ${name} already.`);
  const credential = { id: randomUUID(), name, issuer, subject, audience };
  federatedCredentials.push(credential);
  return credential;
}

function parseCertificate(pem: string): X509Certificate {
  const parsed = (() => {
    try {
      return new X509Certificate(pem);
    } catch (error) {
      throw new RangeError('That is no certificate in PEM.', { cause: error });
    }
  })();
  // https://learn.microsoft.com/entra/identity-platform/certificate-credentials names RS256 and PS256 only.
  if (parsed.publicKey.asymmetricKeyType !== 'rsa')
    throw new RangeError('The certificate must have an RSA key.');
  return parsed;
}

function hash(algorithm: 'sha1' | 'sha256', bytes: Buffer): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
