import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { findArray, toLong, toText } from '../values/convert.ts';
import type { Value } from '../values/Value.ts';
import { unfit, type ScalarFunction } from './ScalarFunction.ts';

/**
 * Functions on strings that need no regular expression.
 *
 * Source: https://learn.microsoft.com/kusto/query/scalar-functions#string-functions
 */
export const textFunctions: Readonly<Record<string, ScalarFunction>> = {
  strlen: ([text = null]) => BigInt(toCharacters(toText(text)).length),
  tolower: ([text = null]) => toText(text).toLowerCase(),
  toupper: ([text = null]) => toText(text).toUpperCase(),
  reverse: ([text = null]) => toCharacters(toText(text)).reverse().join(''),
  strcat: (parts) => parts.map(toText).join(''),
  strcat_delim: ([delimiter = null, ...parts]) => parts.map(toText).join(toText(delimiter)),
  strcat_array: ([array = null, delimiter = null]) =>
    (findArray(array) ?? []).map(toText).join(toText(delimiter)),
  strcmp: ([left = null, right = null]) => {
    const [a, b] = [toText(left), toText(right)];
    return a < b ? -1n : a > b ? 1n : 0n;
  },
  substring: ([source = null, start = null, length]) => substring(toText(source), start, length),
  split: ([source = null, delimiter = null, index]) => split(toText(source), toText(delimiter), index),
  replace_string: ([text = null, lookup = null, rewrite = null]) =>
    toText(lookup) === '' ? toText(text) : toText(text).replaceAll(toText(lookup), () => toText(rewrite)),
  indexof: ([text = null, match = null, ...rest]) => indexOf(toText(text), toText(match), rest),
  base64_encode_tostring: ([text = null]) => Buffer.from(toText(text), 'utf8').toString('base64'),
  base64_decode_tostring: ([text = null], call) => {
    const encoded = toText(text);
    const decoded = Buffer.from(encoded, 'base64');
    // What Kusto makes of text that is not base64 is not documented; bytes that are not UTF-8 give nothing.
    if (decoded.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, ''))
      throw unfit(call, encoded);
    return isUtf8(decoded) ? decoded.toString('utf8') : '';
  },
  hash_sha256: (parameters, call) => hash('sha256', parameters, call),
  hash_sha1: (parameters, call) => hash('sha1', parameters, call),
  hash_md5: (parameters, call) => hash('md5', parameters, call),
};

/** Which bytes of other types are hashed is not documented. */
function hash(
  algorithm: string,
  [value = null]: readonly Value[],
  call: Parameters<typeof unfit>[0],
): string {
  if (typeof value !== 'string') throw unfit(call, value);
  return createHash(algorithm).update(value, 'utf8').digest('hex');
}

/** Code points: what Kusto counts as characters. */
function toCharacters(text: string): string[] {
  return Array.from(text);
}

function substring(source: string, start: Value, length: Value | undefined): Value {
  const from = toLong(start);
  if (from === null) return '';
  const characters = toCharacters(source);
  const begin = from < 0n ? Math.max(0, characters.length + Number(from)) : Number(from);
  const count = length === undefined ? null : toLong(length);
  const end = count === null ? characters.length : begin + Math.max(0, Number(count));
  return characters.slice(begin, end).join('');
}

function split(source: string, delimiter: string, index: Value | undefined): Value {
  const parts = delimiter === '' ? [source] : source.split(delimiter);
  if (index === undefined) return parts;
  const part = parts[Number(toLong(index) ?? -1n)];
  return part === undefined ? [] : [part];
}

function indexOf(text: string, match: string, [start, length, occurrence]: readonly Value[]): Value {
  const begin = start === undefined ? 0n : toLong(start);
  const span = length === undefined ? -1n : toLong(length);
  const wanted = occurrence === undefined ? 1n : toLong(occurrence);
  if (begin === null || span === null || wanted === null || span < -1n || wanted < 0n) return null;
  // A negative start counts from the end.
  const from = begin < 0n ? Math.max(0, text.length + Number(begin)) : Number(begin);
  const searched = span === -1n ? text : text.slice(0, from + Number(span));
  let found = from - 1;
  for (let count = 0n; count < wanted; count += 1n) {
    found = searched.indexOf(match, found + 1);
    if (found === -1) return -1n;
  }
  return BigInt(found);
}
