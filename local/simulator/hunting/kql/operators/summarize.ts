import {
  compileAggregate,
  findAggregateName,
  type CompiledAggregate,
  type Grouping,
} from '../aggregates/compileAggregate.ts';
import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Row, Table } from '../Table.ts';
import { keyOfAll, type Value } from '../values/Value.ts';
import { toTable, verifyParameters, type OperatorPlace } from './Operator.ts';

/**
 * `summarize ... by`: a row for each group, in the order of their first rows; without `by`, one row for everything.
 *
 * Source: https://learn.microsoft.com/kusto/query/summarize-operator
 */
export function applySummarize(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  verifyParameters(node);
  const inner = scope.withColumns(input.columns);
  const keyNodes = node.find('ByClause')?.list('Expressions') ?? [];
  const keys = keyNodes.map((one) => compileScalar(one, inner));
  const grouping: Grouping = {
    scope: inner,
    columns: input.columns,
    keys: new Set(keyNodes.filter(({ kind }) => kind === 'NameReference').map(({ name }) => name)),
  };
  const values = node.list('Aggregates').map((one) => compileValue(one, grouping));
  const groups = new Map<string, { readonly key: readonly Value[]; readonly rows: Row[] }>();
  if (keyNodes.length === 0) groups.set('', { key: [], rows: [...input.rows] });
  else
    for (const row of input.rows)
      addToGroup(
        groups,
        keys.map((key) => key(row)),
        row,
      );
  return toTable(
    node,
    [...groups.values()].map(({ key, rows }) => [...key, ...values.flatMap((value) => value(rows))]),
  );
}

function addToGroup(
  groups: Map<string, { readonly key: readonly Value[]; readonly rows: Row[] }>,
  key: readonly Value[],
  row: Row,
): void {
  const text = keyOfAll(key);
  const group = groups.get(text);
  if (group === undefined) groups.set(text, { key, rows: [row] });
  else group.rows.push(row);
}

/** An aggregate, or an expression over aggregates such as `sum(a) / count()`. */
function compileValue(node: SyntaxNode, grouping: Grouping): CompiledAggregate {
  const expression = node.kind === 'SimpleNamedExpression' ? node.get('Expression') : node;
  if (findAggregateName(expression) !== undefined) return compileAggregate(expression, grouping);
  const calls = listAggregates(expression);
  const places = new Map(calls.map(({ start }, place) => [start, place]));
  const parts = calls.map((call) => compileAggregate(call, grouping));
  const compiled = compileScalar(expression, grouping.scope.withAggregates(places));
  return (rows) => [compiled(parts.map((part) => part(rows)[0] ?? null))];
}

function listAggregates(node: SyntaxNode): readonly SyntaxNode[] {
  return findAggregateName(node) === undefined ? node.children().flatMap(listAggregates) : [node];
}
