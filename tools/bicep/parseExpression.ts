import type { Entry, Expression, ResourceDeclaration } from './Expression.ts';
import { TokenReader } from './TokenReader.ts';

/** How strongly operators bind, the weakest first. Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/operators */
const LEVELS = [
  ['??'],
  ['||'],
  ['&&'],
  ['==', '!=', '=~', '!~'],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

/** Reads a nested resource; given by the reader of declarations, which needs this one. */
export type ParseResource = (reader: TokenReader) => ResourceDeclaration;

/** Reads one expression. @throws BicepSyntaxError */
export function parseExpression(reader: TokenReader, parseResource: ParseResource): Expression {
  const expression = (): Expression => {
    const condition = binary(0);
    if (!reader.acceptOnNextLine('?')) return condition;
    reader.skipLines();
    const yes = expression();
    if (!reader.acceptOnNextLine(':')) throw reader.fail("':' is expected");
    reader.skipLines();
    return { kind: 'choice', line: condition.line, condition, yes, no: expression() };
  };

  const binary = (level: number): Expression => {
    const operators = LEVELS[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => reader.is(candidate));
      if (operator === undefined) return left;
      reader.take();
      reader.skipLines();
      left = { kind: 'binary', line: left.line, operator, left, right: binary(level + 1) };
    }
  };

  const unary = (): Expression => {
    const { line, text } = reader.peek();
    if (!reader.is('!') && !reader.is('-')) return postfix(primary());
    reader.take();
    return { kind: 'unary', line, operator: text, operand: unary() };
  };

  const postfix = (target: Expression): Expression => {
    const { line } = target;
    if (reader.accept('!')) return postfix(target);
    if (reader.accept('.') || reader.accept('.?') || reader.accept('::')) {
      const name = reader.expectName();
      if (reader.is('(')) return postfix({ kind: 'call', line, name, target, args: args() });
      return postfix({ kind: 'member', line, target, name });
    }
    if (reader.accept('[') || reader.accept('[?')) {
      const index = expression();
      reader.expect(']');
      return postfix({ kind: 'index', line, target, index });
    }
    return target;
  };

  const args = (): Expression[] => {
    reader.expect('(');
    return list(')', expression);
  };

  /** Items up to the closing mark, apart by commas or lines. */
  const list = <T>(end: string, item: () => T): T[] => {
    const items: T[] = [];
    for (;;) {
      while (reader.peek().kind === 'line' || reader.is(',')) reader.take();
      if (reader.accept(end)) return items;
      items.push(item());
      if (reader.peek().kind !== 'line' && !reader.is(',') && !reader.is(end)) {
        throw reader.fail(`'${reader.peek().text}' is not expected`);
      }
    }
  };

  const primary = (): Expression => {
    const { kind, line, text, parts } = reader.peek();
    if (kind === 'number') {
      reader.take();
      return { kind: 'literal', line, value: Number(text) };
    }
    if (kind === 'string') {
      reader.take();
      return stringOf(parts ?? [], line);
    }
    if (kind === 'name') return named();
    if (reader.accept('(')) return parenthesis(line);
    if (reader.accept('[')) return array(line);
    if (reader.accept('{')) return object(line);
    throw reader.fail(`a value is expected instead of '${text}'`);
  };

  const stringOf = (parts: readonly string[], line: number): Expression => {
    if (parts.length === 1) return { kind: 'literal', line, value: parts[0] ?? '' };
    const read = parts.map((part, index) =>
      index % 2 === 0 ? part : parseExpression(new TokenReader(reader.file, part, line), parseResource),
    );
    return { kind: 'text', line, parts: read };
  };

  const named = (): Expression => {
    const { line, text } = reader.take();
    if (reader.accept('=>')) return lambda([text], line);
    if (reader.is('(') && text !== 'if')
      return { kind: 'call', line, name: text, target: undefined, args: args() };
    if (text === 'true' || text === 'false') return { kind: 'literal', line, value: text === 'true' };
    if (text === 'null') return { kind: 'literal', line, value: null };
    if (text === 'if') {
      reader.expect('(');
      const condition = expression();
      reader.expect(')');
      return { kind: 'if', line, condition, body: expression() };
    }
    return { kind: 'name', line, name: text };
  };

  const lambda = (parameters: readonly string[], line: number): Expression => {
    reader.skipLines();
    return { kind: 'lambda', line, parameters, body: expression() };
  };

  const parenthesis = (line: number): Expression => {
    reader.skipLines();
    const inner = list(')', expression);
    if (reader.accept('=>')) {
      return lambda(
        inner.map((parameter) => (parameter.kind === 'name' ? parameter.name : '')),
        line,
      );
    }
    const [only] = inner;
    if (!only || inner.length !== 1) throw reader.fail('one value is expected in parentheses');
    return only;
  };

  const array = (line: number): Expression => {
    reader.skipLines();
    if (reader.is('for')) return loop(line);
    return { kind: 'array', line, items: list(']', expression) };
  };

  const loop = (line: number): Expression => {
    reader.expect('for');
    const hasIndex = reader.accept('(');
    const variable = reader.expectName();
    let index: string | undefined;
    if (hasIndex) {
      reader.expect(',');
      index = reader.expectName();
      reader.expect(')');
    }
    reader.expect('in');
    const source = expression();
    reader.expect(':');
    const body = expression();
    reader.skipLines();
    reader.expect(']');
    return { kind: 'for', line, variable, index, source, body };
  };

  const object = (line: number): Expression => {
    const nested: ResourceDeclaration[] = [];
    const entries = list('}', (): Entry | undefined => {
      if (reader.is('resource') && reader.peek(1).kind === 'name') {
        nested.push(parseResource(reader));
        return undefined;
      }
      if (reader.accept('...')) return { key: undefined, value: expression() };
      const { kind, text, line: keyLine, parts } = reader.take();
      if (kind !== 'name' && kind !== 'string')
        throw reader.fail(`a property is expected instead of '${text}'`);
      const key =
        kind === 'name'
          ? ({ kind: 'literal', line: keyLine, value: text } as const)
          : stringOf(parts ?? [], keyLine);
      reader.expect(':');
      return { key, value: expression() };
    });
    return { kind: 'object', line, entries: entries.filter((entry) => entry !== undefined), nested };
  };

  return expression();
}
