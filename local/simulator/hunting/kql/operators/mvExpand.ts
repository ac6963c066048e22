import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Compiled, Scope } from '../Scope.ts';
import {
  indexColumns,
  isScalarType,
  verifyRowCount,
  type Row,
  type ScalarType,
  type Table,
} from '../Table.ts';
import { castTo, toLong } from '../values/convert.ts';
import { isArray, isBag, type Value } from '../values/Value.ts';
import { findParameter, fitRow, resultColumns, verifyParameters, type OperatorPlace } from './Operator.ts';

interface Expansion {
  /** Undefined when the expression has none of its own. */
  readonly name: string | undefined;
  readonly value: Compiled;
  readonly type: ScalarType;
}

/**
 * `mv-expand`: a row for each element of an array, or each slot of a bag; several columns advance side by side.
 *
 * Source: https://learn.microsoft.com/kusto/query/mv-expand-operator
 */
export function applyMvExpand(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  verifyParameters(node, 'kind', 'bagexpansion', 'with_itemindex');
  const columns = resultColumns(node);
  const inner = scope.withColumns(input.columns);
  const indexColumn = findParameter(node, 'with_itemindex');
  const places = indexColumns(input.columns);
  const given = node.list('Expressions').map((one) => readExpansion(one, inner));
  const taken = new Set([...places.keys(), ...given.map(({ name }) => name), indexColumn]);
  // The language service names the expressions that have no name of their own, in their order.
  const free = columns.map(({ name }) => name).filter((name) => !taken.has(name));
  const expansions = given.map((one) => ({ ...one, name: one.name ?? free.shift() ?? '' }));
  const bagKind = findParameter(node, 'kind') ?? findParameter(node, 'bagexpansion') ?? 'bag';
  const limit = readLimit(node, scope);
  const rows: Row[] = [];
  for (const row of input.rows) {
    const lists = expansions.map(({ value }) => listElements(value(row), bagKind === 'array'));
    const length = Math.min(limit, Math.max(...lists.map((list) => list.length)));
    for (let index = 0; index < length; index += 1) {
      const expanded = new Map<string, Value>(
        expansions.map(({ name, type }, at) => [name, castTo(type, lists[at]?.[index] ?? null)]),
      );
      if (indexColumn !== undefined) expanded.set(indexColumn, BigInt(index));
      rows.push(
        fitRow(
          columns,
          columns.map(
            ({ name }) => expanded.get(name) ?? (expanded.has(name) ? null : at(row, places.get(name))),
          ),
        ),
      );
    }
    verifyRowCount(rows.length);
  }
  return { columns, rows };
}

function at(row: Row, place: number | undefined): Value {
  return place === undefined ? null : (row[place] ?? null);
}

function readExpansion(node: SyntaxNode, scope: Scope): Expansion {
  const expression = node.kind === 'MvExpandExpression' ? node.get('Expression') : node;
  const isNamed = expression.kind === 'SimpleNamedExpression';
  const type = node.find('ToTypeOf')?.find('TypeOf')?.list('Types')[0]?.text ?? 'dynamic';
  if (!isScalarType(type)) throw new NotSimulatedError(`mv-expand to the type ${type}`);
  const value = compileScalar(isNamed ? expression.get('Expression') : expression, scope);
  if (isNamed) return { name: expression.get('Name').name, type, value };
  return { name: expression.kind === 'NameReference' ? expression.name : undefined, type, value };
}

function listElements(value: Value, areBagsPairs: boolean): readonly Value[] {
  if (isArray(value)) return value;
  if (!isBag(value)) return [value];
  return [...value].map(([key, one]) => (areBagsPairs ? [key, one] : new Map([[key, one]])));
}

function readLimit(node: SyntaxNode, scope: Scope): number {
  const limit = node.find('RowLimitClause')?.find('RowLimit');
  if (limit === undefined) return node.text.startsWith('mvexpand') ? 128 : 2_147_483_647;
  return Number(toLong(scope.constant(compileScalar(limit, scope))) ?? 0n);
}
