/**
 * Writing ASN.1 values in DER.
 *
 * Source: https://www.itu.int/rec/T-REC-X.690
 */
function write(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = Buffer.from(
    length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content]);
}

/** SEQUENCE. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return write(0x30, Buffer.concat(parts));
}

/** SET with one value. */
export function setOf(value: Uint8Array): Buffer {
  return write(0x31, value);
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return write(0x04, bytes);
}

/** INTEGER from 0 to 2^31 - 1. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(value, 1);
  const first = bytes.findIndex((byte, index) => index === 4 || byte !== 0 || (bytes[index + 1] ?? 0) > 127);
  return write(0x02, bytes.subarray(first));
}

/** NULL. */
export function nothing(): Buffer {
  return write(0x05, Buffer.alloc(0));
}

/** OBJECT IDENTIFIER, from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return write(0x06, Buffer.from([first * 40 + second, ...others.flatMap(toBase128)]));
}

/** `[0] EXPLICIT`: the value inside a tag of its own. */
export function explicit(value: Uint8Array): Buffer {
  return write(0xa0, value);
}

/** `[0] IMPLICIT OCTET STRING`. */
export function implicitOctets(bytes: Uint8Array): Buffer {
  return write(0x80, bytes);
}

function toBase128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
