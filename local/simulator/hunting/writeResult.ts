import { toTimestamp } from '../clock/ticks.ts';
import { HuntingError } from './HuntingError.ts';
import { dotNetTypes, type Column, type Row, type ScalarType, type Table } from './kql/Table.ts';
import { toJson } from './kql/values/json.ts';
import { DateTime, type Value } from './kql/values/Value.ts';

/** OData annotates these types, because JSON does not show them. */
const odataTypes: Readonly<Partial<Record<ScalarType, string>>> = {
  bool: '#SByte',
  int: '#Int32',
  long: '#Int64',
  datetime: '#DateTimeOffset',
};

/** How a result is written. */
export interface ResultStyle {
  /** The names of the properties of a column. */
  readonly name: string;
  readonly type: string;
  readonly hasODataTypes?: boolean;
  /** Throws HuntingError above it. */
  readonly mostBytes: number;
}

/** The JSON of a result in pieces. */
export interface WrittenResult {
  readonly schema: string;
  /** The rows, with the brackets around them. */
  readonly rows: readonly string[];
}

const pieceLength = 64 * 1024;

/**
 * Writes a result; throws HuntingError when it is too large.
 *
 * The types in the schema are those of .NET: Microsoft's examples show DateTime and String; Int64, SByte and Object were
 * seen in real answers.
 */
export function writeResult({ columns, rows }: Table, style: ResultStyle): WrittenResult {
  const schema = columns.map(
    ({ name, type }) => `{"${style.name}":${JSON.stringify(name)},"${style.type}":"${dotNetTypes[type]}"}`,
  );
  const pieces: string[] = [];
  let piece = '[';
  let size = 0;
  const close = (): void => {
    pieces.push(piece);
    size += Buffer.byteLength(piece);
    piece = '';
    if (size > style.mostBytes) throw tooLarge();
  };
  for (const [index, row] of rows.entries()) {
    piece += (index === 0 ? '' : ',') + writeRow(columns, row, style);
    if (piece.length >= pieceLength) close();
  }
  piece += ']';
  close();
  return { schema: `[${schema.join(',')}]`, rows: pieces };
}

/** The documented text: https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api#limitations */
function tooLarge(): HuntingError {
  return new HuntingError(
    'resultTooLarge',
    'Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again',
  );
}

function writeRow(columns: readonly Column[], row: Row, { hasODataTypes }: ResultStyle): string {
  const properties = columns.flatMap(({ name, type }, index) => {
    const value = row[index] ?? null;
    const annotation = hasODataTypes === true && value !== null ? odataTypes[type] : undefined;
    return [
      ...(annotation === undefined ? [] : [`${JSON.stringify(`${name}@odata.type`)}:"${annotation}"`]),
      `${JSON.stringify(name)}:${writeValue(value, type)}`,
    ];
  });
  return `{${properties.join(',')}}`;
}

/** A bool is a number, an instant loses the zeros at its end; both were seen in real answers. */
function writeValue(value: Value, type: ScalarType): string {
  if (type !== 'dynamic' && typeof value === 'boolean') return value ? '1' : '0';
  if (type !== 'dynamic' && value instanceof DateTime) return JSON.stringify(toTimestamp(value.ticks));
  return toJson(value);
}
