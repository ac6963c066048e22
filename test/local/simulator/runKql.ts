import { evaluateQuery } from '../../../local/simulator/hunting/kql/evaluateQuery.ts';
import { KqlChecker } from '../../../local/simulator/hunting/kql/language/KqlChecker.ts';
import type { Column, Row, Table } from '../../../local/simulator/hunting/kql/Table.ts';
import { toJson } from '../../../local/simulator/hunting/kql/values/json.ts';

/** `now()` in these tests: Saturday, 21 November 2026, 06:30 UTC. */
export const now = '2026-11-21T06:30:00.0000000Z';

const columns: readonly Column[] = [
  { name: 'Name', type: 'string' },
  { name: 'Size', type: 'long' },
  { name: 'Info', type: 'dynamic' },
];
const tables: Readonly<Record<string, Table>> = {
  Files: {
    columns,
    rows: [
      ['a.exe', 10n, new Map([['tag', 'x']])],
      ['b.dll', null, [1n, 2n]],
      ['', 30n, null],
    ] satisfies readonly Row[],
  },
  Empty: { columns, rows: [] },
};

const checker = new KqlChecker({
  tables: Object.entries(tables).map(([name, table]) => ({ name, columns: table.columns })),
  notSimulated: new Set(['EmailUrlInfo', 'FileProfile']),
});

/** The result of a query: rows as arrays, instants and lengths of time as text. */
export function runKql(query: string): { readonly columns: readonly string[]; readonly rows: unknown } {
  const result = evaluateQuery(checker.check(query), {
    nowTicks: BigInt(Date.parse(now)) * 10_000n,
    readTable: (name) => tables[name] ?? { columns: [], rows: [] },
  });
  return {
    columns: result.columns.map(({ name, type }) => `${name}:${type}`),
    rows: JSON.parse(toJson(result.rows)) as unknown,
  };
}

/** The values of a `print` statement. */
export function print(expressions: string): unknown {
  const { rows } = runKql(`print ${expressions}`);
  return (rows as readonly unknown[])[0];
}
