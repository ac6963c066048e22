/** A table for a terminal; the first row is the head. The last column is not padded, so that only long texts wrap. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width, column) => '-'.repeat(Math.min(width, isLast(column, head) ? 40 : width)));
  return [head, rule, ...body]
    .map((row) =>
      row.map((cell, column) => (isLast(column, head) ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

function isLast(column: number, { length }: readonly string[]): boolean {
  return column === length - 1;
}
