import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import type { Scope } from '../Scope.ts';
import { verifyRowCount, type Column, type Row, type Table } from '../Table.ts';
import { fitRow, findParameter, resultColumns, verifyParameters, type OperatorPlace } from './Operator.ts';

interface Leg {
  readonly table: Table;
  readonly source: SyntaxNode;
}

/** What a union stands in. */
export interface UnionPlace {
  readonly scope: Scope;
  /** The table before the pipe. */
  readonly first?: { readonly table: Table; readonly place: OperatorPlace };
}

/** `union`: the rows of all tables, each column by its name and type. Source: https://learn.microsoft.com/kusto/query/union-operator */
export function evaluateUnion(node: SyntaxNode, { scope, first }: UnionPlace): Table {
  verifyParameters(node, 'withsource', 'kind', 'isfuzzy');
  if (findParameter(node, 'kind') === 'inner') throw new NotSimulatedError('union kind=inner');
  const columns = resultColumns(node);
  const sourceColumn = findParameter(node, 'withsource')?.replace(/^\['?|'?\]$/g, '');
  const legs: readonly Leg[] = [
    ...(first === undefined ? [] : [{ table: first.table, source: first.place.source }]),
    ...node
      .list('Expressions')
      .map((source) => ({ table: scope.evaluation.evaluateTable(source, scope), source })),
  ];
  verifyRowCount(legs.reduce((sum, { table }) => sum + table.rows.length, 0));
  const rows = legs.flatMap(({ table, source }): readonly Row[] => {
    const places = columns.map((column) => findPlace(column, table.columns, columns));
    const found = new Set(places);
    if (table.columns.some((_column, place) => !found.has(place))) {
      throw new NotSimulatedError('union of columns with the same name and other types');
    }
    const origin = sourceColumn === undefined ? '' : nameSource(source);
    return table.rows.map((row) =>
      fitRow(
        columns,
        columns.map(({ name }, index) => {
          if (name === sourceColumn) return origin;
          const place = places[index];
          return place === undefined ? null : (row[place] ?? null);
        }),
      ),
    );
  });
  return { columns, rows };
}

/** A column that two tables have with different types appears once for each type, as `name_type`. */
function findPlace(column: Column, own: readonly Column[], all: readonly Column[]): number | undefined {
  const place = own.findIndex(({ name, type }) => {
    if (type !== column.type) return false;
    return (
      name === column.name || (`${name}_${type}` === column.name && !all.some((one) => one.name === name))
    );
  });
  return place === -1 ? undefined : place;
}

/** What Kusto calls a source that is no plain table is not documented. */
function nameSource(source: SyntaxNode): string {
  if (source.kind === 'NameReference') return source.name;
  throw new NotSimulatedError(`union withsource of '${source.text}'`);
}
