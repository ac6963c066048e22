import { RawJson } from '../http/RawJson.ts';
import type { Input } from './Input.ts';

/**
 * The properties of a record that a control body describes: all that are not reserved.
 *
 * With `raw`, the text sent instead of the whole record, its properties come first, so that queries know them.
 */
export function readFields(input: Input, reserved: readonly string[]): Readonly<Record<string, unknown>> {
  const names = input.names().filter((name) => !reserved.includes(name));
  const fields = Object.fromEntries(names.map((name) => [name, toField(input.raw(name))]));
  const raw = input.findString('raw');
  return raw === undefined ? fields : { ...fieldsOf(raw), ...fields };
}

/** `{"raw": "<json text>"}` is sent as that text. */
function toField(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || Object.keys(value).join() !== 'raw') return value;
  const { raw } = value as { raw: unknown };
  return typeof raw === 'string' ? new RawJson(raw) : value;
}

/** What queries can know of a raw record: nothing, when it is not JSON. */
function fieldsOf(raw: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : {};
  } catch {
    return {};
  }
}
