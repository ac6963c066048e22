import { createHash } from 'node:crypto';

/** A key may take 1 KiB; longer texts are hashed well before. Source: limits.ts. */
const MAX_PART_LENGTH = 200;

/**
 * One table key or blob name out of several texts: different texts always give different keys.
 *
 * Letters, digits, `.` and `-` stay; every other byte becomes `_` and two hex digits; parts are joined by `__`, which
 * no part contains. A part that would grow too long becomes the SHA-256 of its text, marked by `_h`.
 */
export function joinKey(...parts: string[]): string {
  return parts.map(encodePart).join('__');
}

function encodePart(text: string): string {
  const encoded = text.replace(/[^A-Za-z0-9.-]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return encoded.length <= MAX_PART_LENGTH ? encoded : `_h${sha256(text)}`;
}

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
