import { QueryTooLargeError } from './QueryTooLargeError.ts';
import type { Value } from './values/Value.ts';

/**
 * The scalar types that are evaluated. `guid` and `decimal` are not.
 *
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/
 */
export const scalarTypes = [
  'bool',
  'int',
  'long',
  'real',
  'string',
  'datetime',
  'timespan',
  'dynamic',
] as const;

/** One of the scalar types. */
export type ScalarType = (typeof scalarTypes)[number];

/** True for the name of a type that is evaluated. */
export function isScalarType(name: string): name is ScalarType {
  return scalarTypes.some((type) => type === name);
}

/** The type of .NET behind each type. Source: https://learn.microsoft.com/kusto/api/rest/response */
export const dotNetTypes: Readonly<Record<ScalarType, string>> = {
  bool: 'SByte',
  int: 'Int32',
  long: 'Int64',
  real: 'Double',
  string: 'String',
  datetime: 'DateTime',
  timespan: 'TimeSpan',
  dynamic: 'Object',
};

/** A column of a table. Names are unique within a table, and their case counts. */
export interface Column {
  readonly name: string;
  readonly type: ScalarType;
}

/** The values of a row, in the order of the columns. */
export type Row = readonly Value[];

/** A table, stored or computed. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** The place of each column by its name. */
export function indexColumns(columns: readonly Column[]): ReadonlyMap<string, number> {
  return new Map(columns.map(({ name }, index) => [name, index]));
}

const mostRows = 500_000;

/** Throws a QueryTooLargeError when a table would get more rows than are evaluated. */
export function verifyRowCount(count: number): void {
  if (count <= mostRows) return;
  throw new QueryTooLargeError(`The query makes more than ${mostRows} rows on its way.`);
}
