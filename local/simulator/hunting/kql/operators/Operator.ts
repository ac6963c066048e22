import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import type { Scope } from '../Scope.ts';
import type { Column, Row, Table } from '../Table.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import { fitTo, toLong } from '../values/convert.ts';

/** Where an operator stands. */
export interface OperatorPlace {
  /** The names from outside; the columns of the input are not among them yet. */
  readonly scope: Scope;
  /** The expression before the pipe. */
  readonly source: SyntaxNode;
}

/** An operator after a pipe: makes a table from a table. */
export type Operator = (node: SyntaxNode, input: Table, place: OperatorPlace) => Table;

/** The columns of the result as the language service names them. */
export function resultColumns(node: SyntaxNode): readonly Column[] {
  const { columns } = node;
  if (columns === undefined) throw new NotSimulatedError(`'${node.text}' without known columns`);
  return columns;
}

/**
 * A table with the columns that the language service names and these rows.
 *
 * Throws NotSimulatedError when the number of columns differs: then the two do not mean the same.
 */
export function toTable(node: SyntaxNode, rows: readonly Row[]): Table {
  const columns = resultColumns(node);
  const width = rows[0]?.length ?? columns.length;
  if (width !== columns.length) {
    throw new NotSimulatedError(`'${node.text}' (${width} values for ${columns.length} columns)`);
  }
  return { columns, rows: rows.map((row) => fitRow(columns, row)) };
}

/** The row with every value as its column stores it. */
export function fitRow(columns: readonly Column[], row: Row): Row {
  return columns.map(({ type }, index) => fitTo(type, row[index] ?? null));
}

/** The value of a parameter such as `kind=inner`; undefined when it is not given. */
export function findParameter(node: SyntaxNode, name: string): string | undefined {
  const parameter = node.list('Parameters').find((one) => one.get('Name').name === name);
  return parameter?.get('Expression').text;
}

/** Throws NotSimulatedError for a parameter other than these and hints. */
export function verifyParameters(node: SyntaxNode, ...known: readonly string[]): void {
  for (const parameter of node.list('Parameters')) {
    const { name } = parameter.get('Name');
    if (!known.includes(name) && !name.startsWith('hint.'))
      throw new NotSimulatedError(`'${parameter.text}'`);
  }
}

/** The number of rows that `take` and `top` are asked for. */
export function readCount(node: SyntaxNode, scope: Scope): number {
  verifyParameters(node);
  return Math.max(0, Number(toLong(scope.constant(compileScalar(node.get('Expression'), scope))) ?? 0n));
}
