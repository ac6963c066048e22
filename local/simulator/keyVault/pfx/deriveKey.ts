import { createHash } from 'node:crypto';

/** What the derived bytes are for. */
export const keyPurposes = { encryption: 1, initialVector: 2, integrity: 3 } as const;

/** What a key is derived from; the password of a PFX in the vault is empty. */
export interface KeyOrder {
  readonly hash: 'sha1' | 'sha256';
  readonly purpose: (typeof keyPurposes)[keyof typeof keyPurposes];
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly length: number;
}

/** Both hashes work on blocks of 64 bytes. */
const blockSize = 64;

/** An empty password is its terminator alone: two zero bytes. */
const emptyPassword = Buffer.alloc(2);

/**
 * The key derivation of PKCS #12.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc7292#appendix-B.2
 */
export function deriveKey({ hash, purpose, salt, iterations, length }: KeyOrder): Buffer {
  const diversifier = Buffer.alloc(blockSize, purpose);
  let input = Buffer.concat([fillBlocks(salt), fillBlocks(emptyPassword)]);
  const derived: Buffer[] = [];
  for (let size = 0; size < length;) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) digest = createHash(hash).update(digest).digest();
    derived.push(digest);
    size += digest.length;
    input = addToBlocks(input, Buffer.alloc(blockSize, digest));
  }
  return Buffer.concat(derived).subarray(0, length);
}

/** Repeated until it fills whole blocks. */
function fillBlocks(bytes: Uint8Array): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / blockSize) * blockSize, bytes);
}

/** Every block plus `addend` plus 1, as big-endian numbers without the carry. */
function addToBlocks(input: Buffer, addend: Buffer): Buffer<ArrayBuffer> {
  const sum = Buffer.alloc(input.length);
  for (let start = 0; start < input.length; start += blockSize) {
    let carry = 1;
    for (let index = blockSize - 1; index >= 0; index -= 1) {
      carry += (input[start + index] ?? 0) + (addend[index] ?? 0);
      sum[start + index] = carry & 0xff;
      carry >>>= 8;
    }
  }
  return sum;
}
