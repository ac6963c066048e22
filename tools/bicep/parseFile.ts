import type { Declaration, Decorator, Expression, ResourceDeclaration, TypeText } from './Expression.ts';
import { parseExpression } from './parseExpression.ts';
import { parseType } from './parseType.ts';
import { TokenReader } from './TokenReader.ts';

/** A Bicep file, or a file of parameters, as its declarations. */
export interface BicepFile {
  readonly file: string;
  readonly text: string;
  readonly declarations: readonly Declaration[];
}

/**
 * Reads the declarations of a file; everything in it must be understood.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
 *
 * @param file its name, for messages.
 * @throws BicepSyntaxError
 */
export function parseFile(file: string, text: string): BicepFile {
  const reader = new TokenReader(file, text);
  const declarations: Declaration[] = [];
  reader.skipLines();
  while (reader.peek().kind !== 'end') {
    declarations.push(parseDeclaration(reader));
    if (reader.peek().kind !== 'line' && reader.peek().kind !== 'end') {
      throw reader.fail(`'${reader.peek().text}' is not expected here`);
    }
    reader.skipLines();
  }
  return { file, text, declarations };
}

const value = (reader: TokenReader): Expression => parseExpression(reader, parseResource);

/** `@description('...')` and the like, each on a line of its own. */
function parseDecorators(reader: TokenReader): readonly Decorator[] {
  const decorators: Decorator[] = [];
  while (reader.accept('@')) {
    const call = value(reader);
    if (call.kind !== 'call') throw reader.fail('a decorator is expected');
    decorators.push({ name: call.name, args: call.args });
    reader.skipLines();
  }
  return decorators;
}

function parseResource(reader: TokenReader): ResourceDeclaration {
  const declaration = parseDeclaration(reader);
  if (declaration.kind !== 'resource') throw reader.fail('a resource is expected');
  return declaration;
}

function parseDeclaration(reader: TokenReader): Declaration {
  const decorators = parseDecorators(reader);
  const { line } = reader.peek();
  const keyword = reader.expectName();
  switch (keyword) {
    case 'targetScope':
      reader.expect('=');
      value(reader);
      return { kind: keyword, name: keyword, line, decorators };
    case 'using':
      return { kind: keyword, name: reader.expectText(), line, decorators };
    case 'extension':
      return { kind: keyword, name: reader.expectName(), line, decorators };
    case 'import':
      return { ...parseImport(reader), line, decorators };
    case 'func':
      return { ...parseFunction(reader), line, decorators };
    case 'resource':
    case 'module':
    case 'param':
    case 'var':
    case 'output':
    case 'type':
      return { ...parseNamed(reader, keyword, reader.expectName()), line, decorators };
    default:
      throw reader.fail(`'${keyword}' begins no declaration that is known here`);
  }
}

/** What comes after the keyword and the name. */
function parseNamed(
  reader: TokenReader,
  kind: 'resource' | 'module' | 'param' | 'var' | 'output' | 'type',
  name: string,
) {
  switch (kind) {
    case 'resource': {
      const [type = '', version = ''] = reader.expectText().split('@');
      const isExisting = reader.accept('existing');
      return { kind, name, type, version, isExisting, body: assigned(reader) };
    }
    case 'module':
      return { kind, name, path: reader.expectText(), body: assigned(reader) };
    case 'param': {
      // A file of parameters has values only.
      const type: TypeText | undefined = reader.is('=') ? undefined : parseType(reader, value);
      return { kind, name, type, value: reader.is('=') ? assigned(reader) : undefined };
    }
    case 'var':
      return { kind, name, value: assigned(reader) };
    case 'output':
      return { kind, name, type: parseType(reader, value), value: assigned(reader) };
    case 'type':
      reader.expect('=');
      return { kind, name, type: parseType(reader, value) };
  }
}

function assigned(reader: TokenReader): Expression {
  reader.expect('=');
  reader.skipLines();
  return value(reader);
}

function parseImport(reader: TokenReader) {
  const names: string[] = [];
  reader.expect('{');
  while (!reader.endsWith('}')) {
    names.push(reader.expectName());
    reader.accept(',');
  }
  if (reader.expectName() !== 'from') throw reader.fail("'from' is expected");
  return { kind: 'import' as const, name: names.join(' '), names, path: reader.expectText() };
}

function parseFunction(reader: TokenReader) {
  const name = reader.expectName();
  const parameters: string[] = [];
  reader.expect('(');
  while (!reader.endsWith(')')) {
    parameters.push(reader.expectName());
    parseType(reader, value);
    reader.accept(',');
  }
  parseType(reader, value);
  reader.expect('=>');
  reader.skipLines();
  return { kind: 'func' as const, name, parameters, value: value(reader) };
}
