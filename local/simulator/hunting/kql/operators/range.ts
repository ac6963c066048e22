import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { add } from '../scalar/arithmetic.ts';
import { compare } from '../scalar/comparison.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Scope } from '../Scope.ts';
import { verifyRowCount, type Row, type Table } from '../Table.ts';
import { TimeSpan } from '../values/Value.ts';
import { toTable } from './Operator.ts';

/** `range x from a to b step c`: a table of one column. */
export function evaluateRange(node: SyntaxNode, scope: Scope): Table {
  const [from, to, step] = ['From', 'To', 'Step'].map((name) =>
    scope.constant(compileScalar(node.get(name), scope)),
  );
  const zero = step instanceof TimeSpan ? new TimeSpan(0n) : 0n;
  if (from === undefined || to === undefined || step === undefined || step === null) {
    throw new NotSimulatedError('range without a step');
  }
  const direction = compare(step, zero);
  if (direction === 0) throw new NotSimulatedError('range with a step of 0');
  const rows: Row[] = [];
  for (let value = from; value !== null && compare(value, to) * direction <= 0; value = add(value, step)) {
    verifyRowCount(rows.length);
    rows.push([value]);
  }
  return toTable(node, rows);
}
