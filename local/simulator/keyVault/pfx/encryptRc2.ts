/** Bytes derived from the digits of pi, to mix the key with. */
const piTable = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2',
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82',
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7',
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec',
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9',
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

const blockSize = 8;
const rotations = [1, 2, 3, 5];

/**
 * RC2 in CBC mode with PKCS #7 padding: what older Windows encrypts the certificates of a PFX with. Node's OpenSSL has it
 * switched off. The effective length of the key is that of the key given.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc2268
 */
export function encryptRc2(key: Uint8Array, initialVector: Uint8Array, plain: Uint8Array): Buffer {
  const words = expandKey(key);
  const padding = blockSize - (plain.length % blockSize);
  const padded = Buffer.concat([plain, Buffer.alloc(padding, padding)]);
  const blocks: Buffer[] = [];
  let previous = Buffer.from(initialVector);
  for (let start = 0; start < padded.length; start += blockSize) {
    const block = padded
      .subarray(start, start + blockSize)
      .map((byte, index) => byte ^ (previous[index] ?? 0));
    previous = encryptBlock(words, Buffer.from(block));
    blocks.push(previous);
  }
  return Buffer.concat(blocks);
}

function expandKey(key: Uint8Array): readonly number[] {
  const expanded = Buffer.alloc(128);
  expanded.set(key);
  const at = (index: number) => expanded[index] ?? 0;
  const pi = (index: number) => piTable[index & 0xff] ?? 0;
  for (let index = key.length; index < 128; index += 1)
    expanded[index] = pi(at(index - 1) + at(index - key.length));
  expanded[128 - key.length] = pi(at(128 - key.length));
  for (let index = 127 - key.length; index >= 0; index -= 1)
    expanded[index] = pi(at(index + 1) ^ at(index + key.length));
  return Array.from({ length: 64 }, (_value, index) => expanded.readUInt16LE(index * 2));
}

function encryptBlock(words: readonly number[], block: Buffer): Buffer<ArrayBuffer> {
  const r = [0, 2, 4, 6].map((offset) => block.readUInt16LE(offset));
  const at = (index: number) => r[index & 3] ?? 0;
  for (let round = 0; round < 16; round += 1) {
    for (let index = 0; index < 4; index += 1) {
      const mixed =
        at(index) +
        (words[round * 4 + index] ?? 0) +
        (at(index + 3) & at(index + 2)) +
        (~at(index + 3) & at(index + 1));
      const bits = rotations[index] ?? 0;
      r[index] = ((mixed << bits) | ((mixed & 0xffff) >>> (16 - bits))) & 0xffff;
    }
    if (round !== 4 && round !== 10) continue;
    for (let index = 0; index < 4; index += 1)
      r[index] = (at(index) + (words[at(index + 3) & 63] ?? 0)) & 0xffff;
  }
  const out = Buffer.alloc(blockSize);
  for (const [index, word] of r.entries()) out.writeUInt16LE(word, index * 2);
  return out;
}
