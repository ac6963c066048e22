import { ticksPerMillisecond } from '../../../clock/ticks.ts';
import { KqlError } from '../KqlError.ts';
import { fractionOf } from '../values/timeText.ts';
import type { DateTime } from '../values/Value.ts';

const part = /d{1,2}|f{1,7}|F{1,7}|h{1,2}|H{1,2}|m{1,2}|M{1,2}|s{1,2}|yyyy|yy|y|tt|[ /\-:,._[\]]|[\s\S]/g;

/**
 * `format_datetime()`; throws KqlError for a character that is no documented specifier or delimiter.
 *
 * Source: https://learn.microsoft.com/kusto/query/format-datetime-function
 */
export function formatDateTimeAs({ ticks }: DateTime, format: string): string {
  const fraction = fractionOf(ticks);
  const date = new Date(Number((ticks - fraction) / ticksPerMillisecond));
  const digits = fraction.toString().padStart(7, '0');
  return (format.match(part) ?? []).map((specifier) => writePart(specifier, date, digits, format)).join('');
}

function writePart(specifier: string, date: Date, digits: string, format: string): string {
  const { length } = specifier;
  const padded = (value: number): string => String(value).padStart(length, '0');
  switch (specifier[0]) {
    case 'd':
      return padded(date.getUTCDate());
    case 'f':
      return digits.slice(0, length);
    case 'F':
      return digits.slice(0, length).replace(/0+$/, '');
    case 'h':
      return padded(date.getUTCHours() % 12 || 12);
    case 'H':
      return padded(date.getUTCHours());
    case 'm':
      return padded(date.getUTCMinutes());
    case 'M':
      return padded(date.getUTCMonth() + 1);
    case 's':
      return padded(date.getUTCSeconds());
    case 'y':
      return padded(length === 4 ? date.getUTCFullYear() : date.getUTCFullYear() % 100);
    case 't':
      if (specifier === 'tt') return date.getUTCHours() < 12 ? 'AM' : 'PM';
  }
  if (/^[ /\-:,._[\]]$/.test(specifier)) return specifier;
  throw new KqlError(`format_datetime(): '${specifier}' in '${format}' is not supported.`);
}
