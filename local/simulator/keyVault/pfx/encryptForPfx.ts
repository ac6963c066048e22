import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { integer, nothing, objectIdentifier, octetString, sequence } from './der.ts';
import { deriveKey, keyPurposes } from './deriveKey.ts';
import { encryptRc2 } from './encryptRc2.ts';

/** Bytes under the empty password. */
export interface Encrypted {
  /** AlgorithmIdentifier, in DER. */
  readonly algorithm: Buffer;
  readonly bytes: Buffer;
}

/** As Windows does it. */
export const pfxIterations = 2000;

/**
 * PBES2 with PBKDF2 (HMAC-SHA-256) and AES-256-CBC.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc8018
 */
export function encryptWithAes(plain: Uint8Array): Encrypted {
  const salt = randomBytes(16);
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync('', salt, pfxIterations, 32, 'sha256'), vector);
  const hmacWithSha256 = sequence(objectIdentifier('1.2.840.113549.2.9'), nothing());
  const derivation = sequence(octetString(salt), integer(pfxIterations), hmacWithSha256);
  return {
    algorithm: sequence(
      objectIdentifier('1.2.840.113549.1.5.13'),
      sequence(
        sequence(objectIdentifier('1.2.840.113549.1.5.12'), derivation),
        sequence(objectIdentifier('2.16.840.1.101.3.4.1.42'), octetString(vector)),
      ),
    ),
    bytes: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

/**
 * pbeWithSHAAnd3-KeyTripleDES-CBC.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc7292#appendix-C
 */
export function encryptWithTripleDes(plain: Uint8Array): Encrypted {
  const { algorithm, key, vector } = derive('1.2.840.113549.1.12.1.3', 24);
  const cipher = createCipheriv('des-ede3-cbc', key, vector);
  return { algorithm, bytes: Buffer.concat([cipher.update(plain), cipher.final()]) };
}

/** pbeWithSHAAnd40BitRC2-CBC, from the same appendix. */
export function encryptWithRc2(plain: Uint8Array): Encrypted {
  const { algorithm, key, vector } = derive('1.2.840.113549.1.12.1.6', 5);
  return { algorithm, bytes: encryptRc2(key, vector, plain) };
}

function derive(identifier: string, length: number): { algorithm: Buffer; key: Buffer; vector: Buffer } {
  const order = { hash: 'sha1', salt: randomBytes(8), iterations: pfxIterations } as const;
  return {
    algorithm: sequence(
      objectIdentifier(identifier),
      sequence(octetString(order.salt), integer(order.iterations)),
    ),
    key: deriveKey({ ...order, purpose: keyPurposes.encryption, length }),
    vector: deriveKey({ ...order, purpose: keyPurposes.initialVector, length: 8 }),
  };
}
