import { toDateTime, fitTo } from '../kql/values/convert.ts';
import { parseJson } from '../kql/values/json.ts';
import type { Column, Row } from '../kql/Table.ts';
import { DateTime, type Value } from '../kql/values/Value.ts';
import { huntingTables, type HuntingTableName } from './schema/huntingTables.ts';

/** A row from JSON; throws a RangeError that names the column when it does not fit the table. */
export function parseRow(table: HuntingTableName, given: unknown, nowTicks: bigint): Row {
  const columns: readonly Column[] = huntingTables[table];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new RangeError(`A row of ${table} must be an object.`);
  }
  const unknown = Object.keys(given).find((key) => !columns.some(({ name }) => name === key));
  if (unknown !== undefined) throw new RangeError(`${table} has no column ${unknown}.`);
  const fields: Readonly<Record<string, unknown>> = { Timestamp: new DateTime(nowTicks), ...given };
  return columns.map((column) => fitTo(column.type, parseValue(table, column, fields[column.name] ?? null)));
}

function parseValue(table: string, { name, type }: Column, value: unknown): Value {
  if (value === null || value instanceof DateTime) return value;
  const parsed = type === 'dynamic' ? parseJson(JSON.stringify(value)) : parsePlain(type, value);
  if (parsed === undefined)
    throw new RangeError(`${table}.${name} must be a ${type}, not ${JSON.stringify(value)}.`);
  return parsed;
}

function parsePlain(type: Column['type'], value: unknown): Value | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'int':
    case 'long':
      return Number.isSafeInteger(value) ? BigInt(value as number) : parseDigits(value);
    case 'real':
      return typeof value === 'number' ? value : undefined;
    case 'datetime':
      return typeof value === 'string' ? (toDateTime(value) ?? undefined) : undefined;
    default:
      return undefined;
  }
}

/** A long that JSON cannot hold exactly, as text. */
function parseDigits(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
