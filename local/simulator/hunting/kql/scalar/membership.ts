import type { SyntaxNode } from '../language/SyntaxNode.ts';
import type { Compiled, Scope } from '../Scope.ts';
import type { Row } from '../Table.ts';
import { toText } from '../values/convert.ts';
import { DateTime, isArray, keyOf, TimeSpan, type Value } from '../values/Value.ts';
import { add } from './arithmetic.ts';
import { and, not, relate } from './comparison.ts';
import { compileScalar } from './compileScalar.ts';
import { hasTerm, ignoringCase } from './stringMatch.ts';

/**
 * `in`, `!in`, `in~`, `!in~`: an OR of equalities, so null is never in a list, and is not outside of one with null.
 *
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
 */
export function compileIn(node: SyntaxNode, scope: Scope): Compiled {
  const operator = node.get('Operator').text;
  const left = compileScalar(node.get('Left'), scope);
  const normal = operator.endsWith('~') ? foldCase : (value: Value): Value => value;
  const sets = compileList(
    node.get('Right'),
    scope,
    (values) => new Set(values.map((one) => keyOf(normal(one)))),
  );
  const isIn = (row: Row): boolean | null => {
    const value = normal(left(row));
    const set = sets(row);
    return value === null ? (set.has(keyOf(null)) ? null : false) : set.has(keyOf(value));
  };
  return operator.startsWith('!') ? (row) => not(isIn(row)) : isIn;
}

function foldCase(value: Value): Value {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** `has_any` and `has_all`. */
export function compileHasAny(node: SyntaxNode, scope: Scope): Compiled {
  const left = compileScalar(node.get('Left'), scope);
  const lists = compileList(node.get('Right'), scope, (values) => values.map(toText));
  const has = ignoringCase(hasTerm);
  return node.kind === 'HasAllExpression'
    ? (row) => lists(row).every((wanted) => has(toText(left(row)), wanted))
    : (row) => lists(row).some((wanted) => has(toText(left(row)), wanted));
}

/** `between` and `!between`; both ends are included. A length of time as right end counts from the left one. */
export function compileBetween(node: SyntaxNode, scope: Scope): Compiled {
  const value = compileScalar(node.get('Left'), scope);
  const first = compileScalar(node.get('Right').get('First'), scope);
  const second = compileScalar(node.get('Right').get('Second'), scope);
  const isBetween = (row: Row): boolean | null => {
    const [low, high] = [first(row), second(row)];
    const end = low instanceof DateTime && high instanceof TimeSpan ? add(low, high) : high;
    return and(
      relate(value(row), low, (order) => order >= 0),
      relate(value(row), end, (order) => order <= 0),
    );
  };
  return node.get('Operator').text.startsWith('!') ? (row) => not(isBetween(row)) : isBetween;
}

/**
 * The values of a list in parentheses: scalars, the elements of dynamic arrays, and the first column of tables.
 *
 * Prepared once when no part depends on the row.
 */
function compileList<Prepared>(
  list: SyntaxNode,
  scope: Scope,
  prepare: (values: readonly Value[]) => Prepared,
): (row: Row) => Prepared {
  const nodes = list.kind === 'ExpressionList' ? list.list('Expressions') : [list];
  const parts = nodes.map((node): ((row: Row) => readonly Value[]) => {
    if (node.columns === undefined) {
      const compiled = compileScalar(node, scope);
      return (row) => {
        const value = compiled(row);
        return isArray(value) ? value : [value];
      };
    }
    const values = scope.evaluation.evaluateTable(node, scope.withoutRow()).rows.map((row) => row[0] ?? null);
    return () => values;
  });
  const collect = (row: Row): Prepared => prepare(parts.flatMap((part) => part(row)));
  if (nodes.some(usesRow)) return collect;
  let prepared: { readonly value: Prepared } | undefined;
  return (row) => (prepared ??= { value: collect(row) }).value;
}

function usesRow(node: SyntaxNode): boolean {
  if (node.columns !== undefined) return false;
  const { kind } = node.symbol ?? {};
  return kind === 'ColumnSymbol' || kind === 'ParameterSymbol' || node.children().some(usesRow);
}
