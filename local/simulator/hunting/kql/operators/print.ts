import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Scope } from '../Scope.ts';
import type { Table } from '../Table.ts';
import { toTable } from './Operator.ts';

/** `print`: one row of values. */
export function evaluatePrint(node: SyntaxNode, scope: Scope): Table {
  const values = node.list('Expressions').map((one) => scope.constant(compileScalar(one, scope)));
  return toTable(node, [values]);
}
