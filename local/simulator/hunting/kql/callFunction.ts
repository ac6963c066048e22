import type { SyntaxNode } from './language/SyntaxNode.ts';
import { NotSimulatedError } from './NotSimulatedError.ts';
import { compileScalar } from './scalar/compileScalar.ts';
import type { Binding, Compiled, Scope } from './Scope.ts';
import type { Table } from './Table.ts';

/** Calls a function that was made with `let` and returns a table. */
export function callTableFunction(call: SyntaxNode, scope: Scope): Table {
  const { body, inner } = enter(call, scope, 'constant');
  return scope.evaluation.evaluateTable(body, inner);
}

/** Compiles the call of a function that was made with `let` and returns a scalar. */
export function compileFunctionCall(call: SyntaxNode, scope: Scope): Compiled {
  const { body, inner } = enter(call, scope, 'perRow');
  return compileScalar(body, inner);
}

interface Entered {
  readonly body: SyntaxNode;
  readonly inner: Scope;
}

/** The body of the function and a scope with its arguments. */
function enter(call: SyntaxNode, scope: Scope, rowUse: 'constant' | 'perRow'): Entered {
  const name = call.kind === 'NameReference' ? call.name : call.get('Name').name;
  const binding = scope.find(name);
  if (binding?.kind !== 'function') throw new NotSimulatedError(`the function ${name}()`);
  const { declaration } = binding;
  const body = declaration.get('Body');
  const given = call.find('ArgumentList')?.list('Expressions') ?? [];
  let inner = binding.scope;
  for (const [index, parameter] of (declaration.find('Parameters')?.list('Parameters') ?? []).entries()) {
    const declared = parameter.get('NameAndType');
    const argument = given[index] ?? parameter.find('DefaultValue')?.get('Value');
    if (argument === undefined || argument.kind === 'SimpleNamedExpression') {
      throw new NotSimulatedError(`these arguments of ${name}()`);
    }
    inner = inner.withBinding(declared.get('Name').name, bindArgument(declared, argument, scope, rowUse));
  }
  for (const statement of body.list('Statements')) inner = declare(statement, inner);
  return { body: body.get('Expression'), inner };
}

function bindArgument(
  declared: SyntaxNode,
  argument: SyntaxNode,
  scope: Scope,
  rowUse: 'constant' | 'perRow',
): Binding {
  if (declared.get('Type').kind === 'SchemaTypeExpression') {
    verifySchema(declared.get('Type').list('Columns'), argument);
    return { kind: 'table', read: () => scope.evaluation.evaluateTable(argument, scope) };
  }
  const compiled = compileScalar(argument, scope);
  return rowUse === 'perRow'
    ? { kind: 'perRow', compiled }
    : { kind: 'scalar', value: scope.constant(compiled) };
}

/** A table with more columns than the function declares would need the function to be analysed anew for each call. */
function verifySchema(declared: readonly SyntaxNode[], argument: SyntaxNode): void {
  const names = declared.map((column) => (column.kind === 'StarExpression' ? '*' : column.get('Name').name));
  const given = argument.columns?.map(({ name }) => name) ?? [];
  if (given.length === names.length && given.every((name) => names.includes(name))) return;
  throw new NotSimulatedError(`a function that takes (${names.join(', ')}) called with other columns`);
}

/** A `let` inside of a function. */
function declare(statement: SyntaxNode, scope: Scope): Scope {
  const expression = statement.find('Expression');
  if (
    statement.kind !== 'LetStatement' ||
    expression === undefined ||
    expression.kind === 'FunctionDeclaration'
  ) {
    throw new NotSimulatedError(`'${statement.text}' inside of a function`);
  }
  const name = statement.get('Name').name;
  if (expression.columns === undefined) {
    return scope.withBinding(name, { kind: 'perRow', compiled: compileScalar(expression, scope) });
  }
  return scope.withBinding(name, {
    kind: 'table',
    read: () => scope.evaluation.evaluateTable(expression, scope),
  });
}
