import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { compare } from '../scalar/comparison.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Compiled, Scope } from '../Scope.ts';
import type { Row, Table } from '../Table.ts';
import type { Value } from '../values/Value.ts';
import { readCount, type OperatorPlace } from './Operator.ts';

interface SortKey {
  readonly value: Compiled;
  readonly isDescending: boolean;
  readonly areNullsFirst: boolean;
}

/** `sort by`: descending unless told otherwise. Source: https://learn.microsoft.com/kusto/query/sort-operator */
export function applySort(node: SyntaxNode, { columns, rows }: Table, { scope }: OperatorPlace): Table {
  const keys = node.list('Expressions').map((one) => readKey(one, scope.withColumns(columns)));
  return { columns, rows: sortRows(rows, keys) };
}

/** `top N by`. */
export function applyTop(node: SyntaxNode, { columns, rows }: Table, { scope }: OperatorPlace): Table {
  const key = readKey(node.get('ByExpression'), scope.withColumns(columns));
  return { columns, rows: sortRows(rows, [key]).slice(0, readCount(node, scope)) };
}

function readKey(node: SyntaxNode, scope: Scope): SortKey {
  const isOrdered = node.kind === 'OrderedExpression';
  const ordering = isOrdered ? node.find('Ordering') : undefined;
  const isDescending = ordering?.find('AscOrDescKeyword')?.text !== 'asc';
  const nulls = ordering?.find('NullsClause')?.text;
  return {
    value: compileScalar(isOrdered ? node.get('Expression') : node, scope),
    isDescending,
    // Unless told otherwise, nulls are taken for the smallest.
    areNullsFirst: nulls === undefined ? !isDescending : nulls.includes('first'),
  };
}

/** Rows that are equal in all keys keep their order. */
function sortRows(rows: readonly Row[], keys: readonly SortKey[]): readonly Row[] {
  const keyed = rows.map((row) => ({ row, values: keys.map(({ value }) => value(row)) }));
  keyed.sort((left, right) => {
    for (const [index, key] of keys.entries()) {
      const order = compareKeys(left.values[index] ?? null, right.values[index] ?? null, key);
      if (order !== 0) return order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

/** NaN stands next to null, on the side of the numbers. */
function compareKeys(left: Value, right: Value, { isDescending, areNullsFirst }: SortKey): number {
  const [a, b] = [rankOf(left), rankOf(right)];
  if (a !== b) return areNullsFirst ? b - a : a - b;
  if (a > 0) return 0;
  return isDescending ? -compare(left, right) : compare(left, right);
}

function rankOf(value: Value): number {
  return value === null ? 2 : Number.isNaN(value) ? 1 : 0;
}
