import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Scope } from '../Scope.ts';
import type { Row, Table } from '../Table.ts';
import { resultColumns, toTable } from './Operator.ts';

/** `datatable`: the table as it is written down. */
export function evaluateDatatable(node: SyntaxNode, scope: Scope): Table {
  const { length } = resultColumns(node);
  const values = node.list('Values').map((value) => scope.constant(compileScalar(value, scope)));
  const rows: Row[] = [];
  for (let start = 0; start < values.length; start += length) rows.push(values.slice(start, start + length));
  return toTable(node, rows);
}
