/** A column of a result, by the service's own name for its type. */
export interface HuntColumn {
  readonly name: string;
  readonly type: string;
}

export interface HuntResult {
  readonly columns: readonly HuntColumn[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
  /** True when the limit of rows was reached: there may be more. */
  readonly truncated: boolean;
  readonly requestId: string | undefined;
}

/** Source: https://learn.microsoft.com/graph/api/security-security-runhuntingquery */
export const MAX_ROWS = 100_000;

/**
 * Reads what a hunting API answers, in either casing: Graph's own examples disagree, and the APIs of Defender write
 * `Schema` and `Results`. Undefined when it holds no result.
 */
export function readHuntAnswer(
  answer: Readonly<Record<string, unknown>>,
  requestId: string | undefined,
): HuntResult | undefined {
  const schema = answer.schema ?? answer.Schema;
  const results = answer.results ?? answer.Results;
  if (!Array.isArray(schema) || !Array.isArray(results)) return undefined;
  const rows = results.map(withoutAnnotations);
  return {
    columns: schema.flatMap(readColumn),
    rows,
    rowCount: rows.length,
    truncated: rows.length >= MAX_ROWS,
    requestId,
  };
}

function readColumn(value: unknown): HuntColumn[] {
  const { name, Name, type, Type } = asRecord(value);
  const column = { name: name ?? Name, type: type ?? Type };
  return typeof column.name === 'string'
    ? [{ name: column.name, type: typeof column.type === 'string' ? column.type : 'Unknown' }]
    : [];
}

/** Graph adds the type of a value beside it, as a member of the row. */
function withoutAnnotations(row: unknown): Readonly<Record<string, unknown>> {
  const fields = asRecord(row);
  const names = Object.keys(fields).filter((name) => !name.includes('@odata.'));
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
