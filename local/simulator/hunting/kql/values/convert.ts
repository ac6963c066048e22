import type { ScalarType } from '../Table.ts';
import { formatReal, parseJson, toJson } from './json.ts';
import { formatDateTime, formatTimeSpan, parseDateTime, parseTimeSpan } from './timeText.ts';
import { DateTime, isArray, TimeSpan, type Value } from './Value.ts';

/** `tostring()`: null becomes the empty string. */
export function toText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return formatReal(value);
  if (value instanceof DateTime) return formatDateTime(value);
  return value instanceof TimeSpan ? formatTimeSpan(value) : toJson(value);
}

/** `tolong()`: the fraction of a real is cut off; null when the value is no number. */
export function toLong(value: Value): bigint | null {
  if (typeof value === 'bigint') return inRange(value, 64);
  if (typeof value === 'number')
    return Number.isFinite(value) ? inRange(BigInt(Math.trunc(value)), 64) : null;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^[+-]?\d+$/.test(text)) return inRange(BigInt(text.replace('+', '')), 64);
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt.asIntN(64, BigInt(text)) : null;
}

/** `toint()`: as `tolong()`, within 32 bits. */
export function toInt(value: Value): bigint | null {
  if (typeof value === 'string' && /^[+-]?\d+\.\d+$/.test(value.trim())) return toInt(Number(value));
  const long = toLong(value);
  return long === null ? null : inRange(long, 32);
}

function inRange(value: bigint, bits: number): bigint | null {
  return BigInt.asIntN(bits, value) === value ? value : null;
}

/** `toreal()`: null when the value is no number. */
export function toReal(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(value))
    return null;
  return Number(value);
}

/** `tobool()`: numbers other than 0 are true; null when the value is neither. */
export function toBool(value: Value): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) !== 0;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  const number = toLong(text);
  return number === null ? null : number !== 0n;
}

/** `todatetime()`: null when the value is no instant. */
export function toDateTime(value: Value): DateTime | null {
  if (value instanceof DateTime) return value;
  return typeof value === 'string' ? (parseDateTime(value) ?? null) : null;
}

/** `totimespan()`: null when the value is no length of time. */
export function toTimeSpan(value: Value): TimeSpan | null {
  if (value instanceof TimeSpan) return value;
  return typeof value === 'string' ? (parseTimeSpan(value) ?? null) : null;
}

/** `parse_json()`: text that is no JSON stays a string, the empty text is null. */
export function toDynamic(value: Value): Value {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return null;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}

/** Converts as the `to...()` function of the type does. */
export function convertTo(type: ScalarType, value: Value): Value {
  const converters: Readonly<Record<ScalarType, (value: Value) => Value>> = {
    bool: toBool,
    int: toInt,
    long: toLong,
    real: toReal,
    string: toText,
    datetime: toDateTime,
    timespan: toTimeSpan,
    dynamic: toDynamic,
  };
  return converters[type](value);
}

/** The value as a column of this type stores it: a string is never null, a whole number in a real column is a real. */
export function fitTo(type: ScalarType, value: Value): Value {
  if (type === 'string') return value ?? '';
  if (type === 'long' && typeof value === 'number') return toLong(value);
  if (type === 'timespan' && value === 0n) return new TimeSpan(0n); // The sum of no lengths of time.
  return type === 'real' && typeof value === 'bigint' ? Number(value) : value;
}

/** The value when it is of this type already, otherwise null: a cast without conversion. */
export function castTo(type: ScalarType, value: Value): Value {
  if (type === 'dynamic') return value;
  const isFit: Readonly<Record<Exclude<ScalarType, 'dynamic'>, boolean>> = {
    bool: typeof value === 'boolean',
    int: typeof value === 'bigint' && toInt(value) !== null,
    long: typeof value === 'bigint',
    real: typeof value === 'number' || typeof value === 'bigint',
    string: typeof value === 'string',
    datetime: value instanceof DateTime,
    timespan: value instanceof TimeSpan,
  };
  return fitTo(type, isFit[type] ? value : null);
}

/** A dynamic array, or undefined. */
export function findArray(value: Value): readonly Value[] | undefined {
  return isArray(value) ? value : undefined;
}
