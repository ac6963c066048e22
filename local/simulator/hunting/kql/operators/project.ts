import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Compiled } from '../Scope.ts';
import { indexColumns, type Column, type Table } from '../Table.ts';
import { keyOfAll } from '../values/Value.ts';
import { fitRow, resultColumns, toTable, type OperatorPlace } from './Operator.ts';

/** `project`: one column for each expression. */
export function applyProject(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  const inner = scope.withColumns(input.columns);
  const values = node.list('Expressions').map((expression) => compileScalar(expression, inner));
  return toTable(
    node,
    input.rows.map((row) => values.map((value) => value(row))),
  );
}

/** `extend`: new columns, or new values for the columns that are there. */
export function applyExtend(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  const columns = resultColumns(node);
  const inner = scope.withColumns(input.columns);
  const added = nameExpressions(node.list('Expressions'), input.columns, columns);
  const values = new Map([...added].map(([name, expression]) => [name, compileScalar(expression, inner)]));
  const places = indexColumns(input.columns);
  const readers = columns.map(({ name }): Compiled => {
    const value = values.get(name);
    if (value !== undefined) return value;
    const place = places.get(name);
    if (place === undefined) throw new NotSimulatedError(`'${node.text}'`);
    return (row) => row[place] ?? null;
  });
  return {
    columns,
    rows: input.rows.map((row) =>
      fitRow(
        columns,
        readers.map((read) => read(row)),
      ),
    ),
  };
}

/** The expression of each new column. The language service names those that have no name of their own, in their order. */
function nameExpressions(
  expressions: readonly SyntaxNode[],
  before: readonly Column[],
  after: readonly Column[],
): ReadonlyMap<string, SyntaxNode> {
  const named = new Map<string, SyntaxNode>();
  const unnamed: SyntaxNode[] = [];
  for (const expression of expressions) {
    if (expression.kind === 'SimpleNamedExpression') named.set(expression.get('Name').name, expression);
    else if (expression.kind !== 'NameReference') unnamed.push(expression);
  }
  const isKnown = (name: string): boolean => named.has(name) || before.some((column) => column.name === name);
  const names = after.map(({ name }) => name).filter((name) => !isKnown(name));
  if (names.length !== unnamed.length)
    throw new NotSimulatedError('extend with columns whose names are not clear');
  for (const [index, expression] of unnamed.entries()) named.set(names[index] ?? '', expression);
  return named;
}

/** `project-away`, `project-keep`, `project-reorder`: some of the columns, perhaps in another order. */
export function applySelection(node: SyntaxNode, input: Table): Table {
  const columns = resultColumns(node);
  const places = indexColumns(input.columns);
  const order = columns.map(({ name }) => places.get(name) ?? 0);
  return { columns, rows: input.rows.map((row) => order.map((place) => row[place] ?? null)) };
}

/** `project-rename`: the same values under other names. */
export function applyRename(node: SyntaxNode, input: Table): Table {
  const columns = resultColumns(node);
  const oldNames = new Map(
    node.list('Expressions').map((one) => [one.get('Name').name, one.get('Expression').name] as const),
  );
  const places = indexColumns(input.columns);
  const order = columns.map(({ name }) => places.get(oldNames.get(name) ?? name) ?? 0);
  return { columns, rows: input.rows.map((row) => order.map((place) => row[place] ?? null)) };
}

/** `distinct`: each combination of values once. */
export function applyDistinct(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  const inner = scope.withColumns(input.columns);
  const expressions = node.list('Expressions');
  const isAll = expressions.some(({ kind }) => kind === 'StarExpression');
  const values = isAll ? [] : expressions.map((expression) => compileScalar(expression, inner));
  const rows = isAll ? input.rows : input.rows.map((row) => values.map((value) => value(row)));
  const seen = new Set<string>();
  return toTable(
    node,
    rows.filter((row) => seen.size < seen.add(keyOfAll(row)).size),
  );
}
