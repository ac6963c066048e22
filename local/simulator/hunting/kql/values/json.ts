import { formatDateTime, formatTimeSpan } from './timeText.ts';
import { DateTime, isArray, TimeSpan, type Value } from './Value.ts';

const wholeNumber = /^-?\d{1,18}$/;

/** A dynamic value from JSON text; throws a SyntaxError when it is none. Whole numbers become long, others real. */
export function parseJson(text: string): Value {
  // The third argument holds the digits as they stand in the text: a double would lose the last ones of a long.
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value === 'number') return fromNumber(value, context?.source ?? String(value));
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map)
      return value;
    return new Map(Object.entries(value));
  };
  return JSON.parse(text, reviver) as Value;
}

function fromNumber(value: number, source: string): bigint | number {
  return wholeNumber.test(source) ? BigInt(source) : value;
}

/** JSON text without spaces, with longs in full. Instants and lengths of time become strings. */
export function toJson(value: Value): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number')
    return Number.isFinite(value) ? formatReal(value) : JSON.stringify(formatReal(value));
  if (value instanceof DateTime) return JSON.stringify(formatDateTime(value));
  if (value instanceof TimeSpan) return JSON.stringify(formatTimeSpan(value));
  if (isArray(value)) return `[${value.map(toJson).join(',')}]`;
  return `{${[...value].map(([key, one]) => `${JSON.stringify(key)}:${toJson(one)}`).join(',')}}`;
}

/** A real as .NET writes it; a whole one keeps `.0`, so that it stays a real. */
export function formatReal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text.replace('e+', 'E+').replace('e-', 'E-');
}
