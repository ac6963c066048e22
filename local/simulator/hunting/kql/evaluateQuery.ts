import { callTableFunction } from './callFunction.ts';
import type { SyntaxNode } from './language/SyntaxNode.ts';
import { NotSimulatedError } from './NotSimulatedError.ts';
import { applyOperator } from './operators/applyOperator.ts';
import { evaluateDatatable } from './operators/datatable.ts';
import { evaluatePrint } from './operators/print.ts';
import { evaluateRange } from './operators/range.ts';
import { evaluateUnion } from './operators/union.ts';
import { compileScalar } from './scalar/compileScalar.ts';
import { Scope, type Binding, type Evaluation } from './Scope.ts';
import type { Table } from './Table.ts';

/** Evaluates a checked query. Throws `NotSimulatedError`, `KqlError` or `QueryTooLargeError`. */
export function evaluateQuery(root: SyntaxNode, given: Omit<Evaluation, 'evaluateTable'>): Table {
  const evaluation: Evaluation = {
    nowTicks: given.nowTicks,
    readTable: (name) => given.readTable(name),
    evaluateTable,
  };
  return evaluateStatements(root.list('Statements'), new Scope(evaluation));
}

function evaluateStatements(statements: readonly SyntaxNode[], outer: Scope): Table {
  let scope = outer;
  let result: Table | undefined;
  for (const statement of statements) {
    if (statement.kind === 'LetStatement') {
      scope = scope.withBinding(statement.get('Name').name, bind(statement.get('Expression'), scope));
    } else if (statement.kind === 'ExpressionStatement') {
      if (result !== undefined) throw new NotSimulatedError('more than one result in a query');
      result = evaluateTable(statement.get('Expression'), scope);
    } else {
      throw new NotSimulatedError(`the statement '${statement.text}'`);
    }
  }
  if (result === undefined) throw new NotSimulatedError('a query without a result');
  return result;
}

/** What a `let` statement gives a name to. Tables are computed when they are used, and once. */
export function bind(expression: SyntaxNode, scope: Scope): Binding {
  if (expression.kind === 'FunctionDeclaration') {
    return { kind: 'function', declaration: expression, scope };
  }
  if (expression.columns === undefined) {
    return { kind: 'scalar', value: scope.constant(compileScalar(expression, scope)) };
  }
  let table: Table | undefined;
  return { kind: 'table', read: () => (table ??= evaluateTable(expression, scope)) };
}

const sources: Readonly<Record<string, (node: SyntaxNode, scope: Scope) => Table>> = {
  NameReference: readNamed,
  ParenthesizedExpression: (node, scope) => evaluateTable(node.get('Expression'), scope),
  MaterializeExpression: (node, scope) => evaluateTable(node.get('Expression'), scope),
  PipeExpression: (node, scope) =>
    applyOperator(node.get('Operator'), evaluateTable(node.get('Expression'), scope), {
      scope,
      source: node.get('Expression'),
    }),
  FunctionCallExpression: (node, scope) => callTableFunction(node, scope),
  DataTableExpression: evaluateDatatable,
  PrintOperator: evaluatePrint,
  RangeOperator: evaluateRange,
  UnionOperator: (node, scope) => evaluateUnion(node, { scope }),
};

function evaluateTable(node: SyntaxNode, scope: Scope): Table {
  const evaluate = sources[node.kind];
  if (evaluate === undefined)
    throw new NotSimulatedError(`'${firstWord(node.text)}' as the source of a query`);
  return evaluate(node, scope);
}

function readNamed(node: SyntaxNode, scope: Scope): Table {
  const binding = scope.find(node.name);
  if (binding?.kind === 'table') return binding.read();
  if (binding?.kind === 'function') return callTableFunction(node, scope);
  if (node.symbol?.kind === 'TableSymbol') return scope.evaluation.readTable(node.symbol.name);
  throw new NotSimulatedError(`'${node.text}' as a table`);
}

function firstWord(text: string): string {
  return text.split(/[\s(]/, 1)[0] ?? text;
}
