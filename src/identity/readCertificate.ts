import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { CertificateUnusable } from './CertificateUnusable.ts';
import { ClientCertificate } from './ClientCertificate.ts';
import { readPfx } from './readPfx.ts';
import type { Secret } from './SecretReader.ts';

/** What a file holds: its certificates, in any order, and its private key. */
export interface CertificateParts {
  readonly certificates: readonly X509Certificate[];
  readonly privateKey: KeyObject | undefined;
}

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;
/** PS256 needs room for two hashes, and Entra takes nothing shorter. */
const LEAST_BITS = 2048;

/**
 * The certificate that Key Vault gives as the secret of its name: PEM, or PFX in base64 without a password.
 * Source: https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
 * @throws CertificateUnusable
 */
export async function readCertificate(name: string, secret: Secret): Promise<ClientCertificate> {
  const isPem = secret.value.includes('-----BEGIN ');
  const { certificates, privateKey } = isPem
    ? readPem(name, secret.value)
    : await readPfx(name, secret.value);
  if (!privateKey) {
    throw new CertificateUnusable(
      name,
      'it has no private key; import it with one, and with a key that may be exported',
    );
  }
  verifyKind(name, privateKey);
  // The others are those of the authorities above it.
  const own = certificates.find((certificate) => certificate.checkPrivateKey(privateKey));
  if (!own) throw new CertificateUnusable(name, 'no certificate in it belongs to its private key');
  return new ClientCertificate(name, own, privateKey);
}

/** Entra takes assertions that RSA signed. Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
function verifyKind(name: string, key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa') {
    throw new CertificateUnusable(
      name,
      `its key is of the kind ${key.asymmetricKeyType ?? 'unknown'}, and Entra takes RSA only`,
    );
  }
  if (bits < LEAST_BITS) {
    throw new CertificateUnusable(name, `its key has ${bits} bits, and ${LEAST_BITS} are needed`);
  }
}

function readPem(name: string, text: string): CertificateParts {
  const certificates: X509Certificate[] = [];
  let privateKey: KeyObject | undefined;
  for (const [block, label = ''] of text.matchAll(PEM_BLOCK)) {
    if (label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED$/m.test(block)) {
      throw new CertificateUnusable(name, 'its private key is protected by a password; store it without one');
    }
    try {
      if (label === 'CERTIFICATE') certificates.push(new X509Certificate(block));
      else if (label.endsWith('PRIVATE KEY')) privateKey ??= createPrivateKey(block);
    } catch {
      throw new CertificateUnusable(name, `its PEM block '${label}' cannot be read; import it again`);
    }
  }
  return { certificates, privateKey };
}
