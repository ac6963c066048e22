import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import { dotNetTypes, type Table } from '../Table.ts';
import { readCount, toTable, verifyParameters, type Operator, type OperatorPlace } from './Operator.ts';
import { applyJoin, applyLookup } from './join.ts';
import { applyMvExpand } from './mvExpand.ts';
import { applyParse } from './parse.ts';
import { applyDistinct, applyExtend, applyProject, applyRename, applySelection } from './project.ts';
import { applySort, applyTop } from './sort.ts';
import { applySummarize } from './summarize.ts';
import { evaluateUnion } from './union.ts';

/** Every operator that is evaluated, by the name of Kusto's class for it. */
const operators: Readonly<Record<string, Operator>> = {
  FilterOperator: applyWhere,
  ProjectOperator: applyProject,
  ExtendOperator: applyExtend,
  ProjectAwayOperator: applySelection,
  ProjectKeepOperator: applySelection,
  ProjectReorderOperator: applySelection,
  ProjectRenameOperator: applyRename,
  DistinctOperator: applyDistinct,
  SummarizeOperator: applySummarize,
  GetSchemaOperator: applyGetSchema,
  CountOperator: (node, input) => toTable(node, [[BigInt(input.rows.length)]]),
  SortOperator: applySort,
  TopOperator: applyTop,
  TakeOperator: applyTake,
  JoinOperator: applyJoin,
  LookupOperator: applyLookup,
  UnionOperator: (node, input, place) =>
    evaluateUnion(node, { scope: place.scope, first: { table: input, place } }),
  MvExpandOperator: applyMvExpand,
  ParseOperator: applyParse,
  // They only say how the result is used, drawn or called.
  RenderOperator: (_node, input) => input,
  SerializeOperator: (node, input) => {
    if (node.list('Expressions').length > 0) throw new NotSimulatedError('serialize with new columns');
    return input;
  },
};

/** Applies the operator after a pipe; throws NotSimulatedError for one that is not evaluated. */
export function applyOperator(node: SyntaxNode, input: Table, place: OperatorPlace): Table {
  const operator = operators[node.kind];
  if (operator === undefined)
    throw new NotSimulatedError(`the operator '${node.text.split(/\s/, 1)[0] ?? ''}'`);
  return operator(node, input, place);
}

function applyWhere(node: SyntaxNode, { columns, rows }: Table, { scope }: OperatorPlace): Table {
  verifyParameters(node);
  const condition = compileScalar(node.get('Condition'), scope.withColumns(columns));
  return { columns, rows: rows.filter((row) => condition(row) === true) };
}

function applyTake(node: SyntaxNode, { columns, rows }: Table, { scope }: OperatorPlace): Table {
  return { columns, rows: rows.slice(0, readCount(node, scope)) };
}

/** `getschema`. Source: https://learn.microsoft.com/kusto/query/getschema-operator */
function applyGetSchema(node: SyntaxNode, { columns }: Table): Table {
  const rows = columns.map(({ name, type }, index) => [
    name,
    BigInt(index),
    `System.${dotNetTypes[type]}`,
    type,
  ]);
  return toTable(node, rows);
}
