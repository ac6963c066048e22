import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { indexColumns, verifyRowCount, type Row, type Table } from '../Table.ts';
import { keyOfAll } from '../values/Value.ts';
import { findParameter, toTable, verifyParameters, type OperatorPlace } from './Operator.ts';

interface Keys {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

interface Sides extends Keys {
  readonly leftTable: Table;
  readonly rightTable: Table;
  /** The rows of the right side by key; rows with a null key are not in it, since null equals nothing. */
  readonly matches: (leftRow: Row) => readonly Row[];
}

/**
 * `join`, in every documented kind.
 *
 * Source: https://learn.microsoft.com/kusto/query/join-operator
 */
export function applyJoin(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  verifyParameters(node, 'kind');
  const kind = findParameter(node, 'kind') ?? 'innerunique';
  const right = scope.evaluation.evaluateTable(node.get('Expression'), scope);
  const keys = readKeys(node.get('ConditionClause'), input, right);
  const join = joins[kind];
  if (join === undefined) throw new NotSimulatedError(`join kind=${kind}`);
  return toTable(node, join(toSides(input, right, keys)));
}

/** `lookup`: a join that does not repeat the keys. Source: https://learn.microsoft.com/kusto/query/lookup-operator */
export function applyLookup(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  verifyParameters(node, 'kind');
  const right = scope.evaluation.evaluateTable(node.get('Expression'), scope);
  const keys = readKeys(node.get('LookupClause'), input, right);
  const sides = toSides(input, right, keys);
  const rows = findParameter(node, 'kind') === 'inner' ? joinInner(sides) : joinLeftOuter(sides);
  const dropped = new Set(keys.right.map((place) => input.columns.length + place));
  return toTable(
    node,
    rows.map((row) => row.filter((_value, place) => !dropped.has(place))),
  );
}

const joins: Readonly<Record<string, (sides: Sides) => readonly Row[]>> = {
  innerunique: (sides) => joinInner(withUniqueLeft(sides)),
  inner: joinInner,
  leftouter: joinLeftOuter,
  rightouter: joinRightOuter,
  fullouter: (sides) => [...joinLeftOuter(sides), ...listUnmatchedRight(sides)],
  leftsemi: ({ leftTable, matches }) => leftTable.rows.filter((row) => matches(row).length > 0),
  leftanti: keepUnmatched,
  anti: keepUnmatched,
  leftantisemi: keepUnmatched,
  rightsemi: (sides) => keepUnmatchedOrMatched(swap(sides), true),
  rightanti: (sides) => keepUnmatchedOrMatched(swap(sides), false),
  rightantisemi: (sides) => keepUnmatchedOrMatched(swap(sides), false),
};

function toSides(leftTable: Table, rightTable: Table, { left, right }: Keys): Sides {
  const groups = new Map<string, Row[]>();
  for (const row of rightTable.rows) {
    const key = readKey(row, right);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const matches = (row: Row): readonly Row[] => groups.get(readKey(row, left) ?? '') ?? [];
  return { leftTable, rightTable, left, right, matches };
}

/** Undefined when one of the values is null. */
function readKey(row: Row, places: readonly number[]): string | undefined {
  const values = places.map((place) => row[place] ?? null);
  return values.includes(null) ? undefined : keyOfAll(values);
}

function swap({ leftTable, rightTable, left, right }: Sides): Sides {
  return toSides(rightTable, leftTable, { left: right, right: left });
}

/** The first row of each key: which one Kusto keeps is not defined. */
function withUniqueLeft(sides: Sides): Sides {
  const seen = new Set<string>();
  const rows = sides.leftTable.rows.filter((row) => {
    const key = readKey(row, sides.left);
    if (key === undefined || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return { ...sides, leftTable: { ...sides.leftTable, rows } };
}

function joinInner({ leftTable, matches }: Sides): readonly Row[] {
  const joined: Row[] = [];
  for (const row of leftTable.rows) {
    for (const match of matches(row)) joined.push([...row, ...match]);
    verifyRowCount(joined.length);
  }
  return joined;
}

function joinLeftOuter({ leftTable, rightTable, matches }: Sides): readonly Row[] {
  const nothing: Row = rightTable.columns.map(() => null);
  const joined: Row[] = [];
  for (const row of leftTable.rows) {
    const found = matches(row);
    for (const match of found.length === 0 ? [nothing] : found) joined.push([...row, ...match]);
    verifyRowCount(joined.length);
  }
  return joined;
}

function joinRightOuter(sides: Sides): readonly Row[] {
  return [...joinInner(sides), ...listUnmatchedRight(sides)];
}

function listUnmatchedRight(sides: Sides): readonly Row[] {
  const nothing: Row = sides.leftTable.columns.map(() => null);
  return keepUnmatchedOrMatched(swap(sides), false).map((row) => [...nothing, ...row]);
}

function keepUnmatched(sides: Sides): readonly Row[] {
  return keepUnmatchedOrMatched(sides, false);
}

function keepUnmatchedOrMatched({ leftTable, matches }: Sides, isMatched: boolean): readonly Row[] {
  return leftTable.rows.filter((row) => matches(row).length > 0 === isMatched);
}

/** The columns after `on`: a name that both sides have, or `$left.a == $right.b`, joined by commas or `and`. */
function readKeys(clause: SyntaxNode, left: Table, right: Table): Keys {
  const places = { $left: indexColumns(left.columns), $right: indexColumns(right.columns) };
  const pairs = clause
    .list('Expressions')
    .flatMap(splitConditions)
    .map((condition) => {
      if (condition.kind === 'NameReference') return { $left: condition.name, $right: condition.name };
      if (condition.kind !== 'BinaryExpression' || condition.get('Operator').text !== '==') {
        throw new NotSimulatedError(`join on '${condition.text}'`);
      }
      return { ...readSide(condition.get('Left')), ...readSide(condition.get('Right')) };
    });
  const listPlaces = (side: '$left' | '$right'): readonly number[] =>
    pairs.map((pair) => {
      const place = places[side].get(pair[side] ?? '');
      if (place === undefined) throw new NotSimulatedError(`join ${clause.text}`);
      return place;
    });
  return { left: listPlaces('$left'), right: listPlaces('$right') };
}

function splitConditions(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.kind === 'ParenthesizedExpression') return splitConditions(node.get('Expression'));
  if (node.kind !== 'BinaryExpression' || node.get('Operator').text !== 'and') return [node];
  return [...splitConditions(node.get('Left')), ...splitConditions(node.get('Right'))];
}

function readSide(node: SyntaxNode): { readonly $left?: string; readonly $right?: string } {
  const side = node.kind === 'PathExpression' ? node.get('Expression').name : '';
  const { name } = node.kind === 'PathExpression' ? node.get('Selector') : node;
  if (side === '$left') return { $left: name };
  if (side === '$right') return { $right: name };
  throw new NotSimulatedError(`join on '${node.text}'`);
}
