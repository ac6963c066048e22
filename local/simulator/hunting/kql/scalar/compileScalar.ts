import { compileFunctionCall } from '../callFunction.ts';
import { scalarFunctions } from '../functions/scalarFunctions.ts';
import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import type { Compiled, Scope } from '../Scope.ts';
import { isArray, isBag, type Value } from '../values/Value.ts';
import { toLong } from '../values/convert.ts';
import { negate } from './arithmetic.ts';
import { binaryOperators } from './binaryOperators.ts';
import { parseDynamicLiteral, parseLiteral } from './literals.ts';
import { compileBetween, compileHasAny, compileIn } from './membership.ts';

const compilers: Readonly<Record<string, (node: SyntaxNode, scope: Scope) => Compiled>> = {
  LiteralExpression: (node) => constant(parseLiteral(node)),
  DynamicExpression: (node) => constant(parseDynamicLiteral(node.get('Expression'))),
  TypeOfLiteralExpression: (node) => constant(node.list('Types')[0]?.text ?? ''),
  ParenthesizedExpression: (node, scope) => compileScalar(node.get('Expression'), scope),
  SimpleNamedExpression: (node, scope) => compileScalar(node.get('Expression'), scope),
  NameReference: compileName,
  PathExpression: compilePath,
  ElementExpression: compileElement,
  PrefixUnaryExpression: compileSign,
  BinaryExpression: compileBinary,
  InExpression: compileIn,
  HasAnyExpression: compileHasAny,
  HasAllExpression: compileHasAny,
  BetweenExpression: compileBetween,
  FunctionCallExpression: compileCall,
  ToScalarExpression: compileToScalar,
};

/** Turns a scalar expression into a function of the row; throws `NotSimulatedError` for what it does not know. */
export function compileScalar(node: SyntaxNode, scope: Scope): Compiled {
  const compile = compilers[node.kind];
  if (compile === undefined) throw new NotSimulatedError(`'${node.text}' as a value`);
  return compile(node, scope);
}

function constant(value: Value): Compiled {
  return () => value;
}

function compileName(node: SyntaxNode, scope: Scope): Compiled {
  const { kind } = node.symbol ?? {};
  if (kind === 'ColumnSymbol') {
    const place = scope.columnAt(node.name);
    return (row) => row[place] ?? null;
  }
  const binding = scope.find(node.name);
  if (binding?.kind === 'scalar') return constant(binding.value);
  if (binding?.kind === 'perRow') return binding.compiled;
  if (binding?.kind === 'function') return compileFunctionCall(node, scope);
  throw new NotSimulatedError(`'${node.text}' as a value`);
}

/** `value.name`: a slot of a bag. */
function compilePath(node: SyntaxNode, scope: Scope): Compiled {
  const value = compileScalar(node.get('Expression'), scope);
  const { name } = node.get('Selector');
  return (row) => readSlot(value(row), name);
}

/** `value[key]`: a slot of a bag, or an element of an array; a negative index counts from its end. */
function compileElement(node: SyntaxNode, scope: Scope): Compiled {
  const value = compileScalar(node.get('Expression'), scope);
  const selector = node.get('Selector');
  const key =
    selector.kind === 'BracketedExpression'
      ? compileScalar(selector.get('Expression'), scope)
      : constant(selector.name);
  return (row) => readSlot(value(row), key(row));
}

function readSlot(holder: Value, key: Value): Value {
  if (isBag(holder) && typeof key === 'string') return holder.get(key) ?? null;
  if (!isArray(holder)) return null;
  const index = toLong(key);
  return typeof key === 'string' || index === null ? null : (holder.at(Number(index)) ?? null);
}

function compileSign(node: SyntaxNode, scope: Scope): Compiled {
  const value = compileScalar(node.get('Expression'), scope);
  return node.get('Operator').text === '-' ? (row) => negate(value(row)) : value;
}

function compileBinary(node: SyntaxNode, scope: Scope): Compiled {
  const name = node.get('Operator').text;
  const operate = binaryOperators[name];
  if (operate === undefined) throw new NotSimulatedError(`the operator ${name}`);
  const left = compileScalar(node.get('Left'), scope);
  const right = compileScalar(node.get('Right'), scope);
  return (row) => operate(left(row), right(row));
}

function compileCall(node: SyntaxNode, scope: Scope): Compiled {
  const place = scope.findAggregate(node.start);
  if (place !== undefined) return (row) => row[place] ?? null;
  const { name } = node.get('Name');
  if (scope.find(name)?.kind === 'function') return compileFunctionCall(node, scope);
  const call = Object.hasOwn(scalarFunctions, name) ? scalarFunctions[name] : undefined;
  if (call === undefined) throw new NotSimulatedError(`the function ${name}()`);
  const parameters = node
    .get('ArgumentList')
    .list('Expressions')
    .map((argument) => compileScalar(argument, scope));
  const { nowTicks } = scope.evaluation;
  return (row) =>
    call(
      parameters.map((parameter) => parameter(row)),
      { nowTicks, text: node.text },
    );
}

/** `toscalar(query)`: the first column of the first row. */
function compileToScalar(node: SyntaxNode, scope: Scope): Compiled {
  const expression = node.get('Expression');
  if (expression.columns === undefined) return compileScalar(expression, scope);
  const { rows } = scope.evaluation.evaluateTable(expression, scope.withoutRow());
  return constant(rows[0]?.[0] ?? null);
}
