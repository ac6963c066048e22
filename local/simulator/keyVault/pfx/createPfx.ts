import { createHmac, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import {
  explicit,
  implicitOctets,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from './der.ts';
import { deriveKey, keyPurposes } from './deriveKey.ts';
import {
  encryptWithAes,
  encryptWithRc2,
  encryptWithTripleDes,
  pfxIterations,
  type Encrypted,
} from './encryptForPfx.ts';

/** A key and its certificate, both PEM. */
export interface CertificatePair {
  readonly privateKey: string;
  readonly certificate: string;
}

/** `modern` uses AES-256 and SHA-256; `legacy` triple DES, RC2 with 40 bits and SHA-1, as older Windows does. */
export type PfxForm = 'modern' | 'legacy';

const data = objectIdentifier('1.2.840.113549.1.7.1');
const encryptedData = objectIdentifier('1.2.840.113549.1.7.6');
const shroudedKeyBag = objectIdentifier('1.2.840.113549.1.12.10.1.2');
const certificateBag = objectIdentifier('1.2.840.113549.1.12.10.1.3');
const x509Certificate = objectIdentifier('1.2.840.113549.1.9.22.1');
const localKeyId = objectIdentifier('1.2.840.113549.1.9.21');

/**
 * A PFX (PKCS #12) under the empty password, with the key and the certificate.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc7292
 */
export function createPfx({ privateKey, certificate }: CertificatePair, form: PfxForm): Buffer {
  const isModern = form === 'modern';
  const key = createPrivateKey(privateKey).export({ format: 'der', type: 'pkcs8' });
  const { algorithm, bytes } = isModern ? encryptWithAes(key) : encryptWithTripleDes(key);
  const keys = sequence(bag(shroudedKeyBag, sequence(algorithm, octetString(bytes))));
  const raw = sequence(x509Certificate, explicit(octetString(new X509Certificate(certificate).raw)));
  const certificates = sequence(bag(certificateBag, raw));
  const safe = sequence(
    encryptedContent(isModern ? encryptWithAes(certificates) : encryptWithRc2(certificates)),
    content(keys),
  );
  return sequence(integer(3), content(safe), macOf(safe, isModern ? 'sha256' : 'sha1'));
}

/** Both bags carry the same `localKeyId`, by which readers find the certificate of the key. */
function bag(type: Buffer, value: Buffer): Buffer {
  const attributes = setOf(sequence(localKeyId, setOf(octetString(Buffer.from([1])))));
  return sequence(type, explicit(value), attributes);
}

function content(value: Buffer): Buffer {
  return sequence(data, explicit(octetString(value)));
}

function encryptedContent({ algorithm, bytes }: Encrypted): Buffer {
  const inner = sequence(data, algorithm, implicitOctets(bytes));
  return sequence(encryptedData, explicit(sequence(integer(0), inner)));
}

function macOf(safe: Buffer, hash: 'sha1' | 'sha256'): Buffer {
  const salt = randomBytes(8);
  const length = hash === 'sha1' ? 20 : 32;
  const key = deriveKey({ hash, purpose: keyPurposes.integrity, salt, iterations: pfxIterations, length });
  const identifier = objectIdentifier(hash === 'sha1' ? '1.3.14.3.2.26' : '2.16.840.1.101.3.4.2.1');
  const digest = octetString(createHmac(hash, key).update(safe).digest());
  return sequence(
    sequence(sequence(identifier, nothing()), digest),
    octetString(salt),
    integer(pfxIterations),
  );
}
