import type { Column, Row } from '../../kql/Table.ts';
import type { Value } from '../../kql/values/Value.ts';
import { fitTo } from '../../kql/values/convert.ts';

/** The values of a row by column; columns that are not given are empty. */
export type RowFields = Readonly<Record<string, Value>>;

/** The row in the order of the columns. */
export function toRow(columns: readonly Column[], fields: RowFields): Row {
  return columns.map(({ name, type }) => fitTo(type, fields[name] ?? null));
}

/** A text for a column, from a record that may hold anything. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** A whole number for a column, from a record that may hold anything. */
export function longOf(value: unknown): bigint | null {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
}

/** True or false for a column, from a record that may hold anything. */
export function boolOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
