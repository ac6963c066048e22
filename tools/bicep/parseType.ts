import type { Expression, TypeProperty, TypeText } from './Expression.ts';
import type { TokenReader } from './TokenReader.ts';

const OPENING = new Set(['{', '(', '[']);
const CLOSING = new Set(['}', ')', ']']);

/**
 * Reads the type of a parameter, an output or a property, up to what comes after it.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/user-defined-data-types
 *
 * @param parseValue reads the arguments of decorators.
 * @throws BicepSyntaxError
 */
export function parseType(reader: TokenReader, parseValue: (reader: TokenReader) => Expression): TypeText {
  const properties = reader.is('{') ? parseProperties(reader, parseValue) : [];
  const texts: string[] = properties.length > 0 ? ['object'] : [];
  for (let depth = 0; ;) {
    const { kind, text } = reader.peek();
    if (kind === 'end' || (depth === 0 && (kind === 'line' || ['=', '=>', ',', ')', '}'].includes(text))))
      break;
    if (OPENING.has(text)) depth += 1;
    if (CLOSING.has(text)) depth -= 1;
    if (kind !== 'line') texts.push(text);
    reader.take();
  }
  if (texts.length === 0) throw reader.fail('a type is expected');
  const text = texts.join(' ').replace(/ (?=[?\][])|(?<=\[) /g, '');
  return { text, isNullable: text.endsWith('?'), properties };
}

function parseProperties(
  reader: TokenReader,
  parseValue: (reader: TokenReader) => Expression,
): readonly TypeProperty[] {
  const properties: TypeProperty[] = [];
  reader.expect('{');
  while (!reader.endsWith('}')) {
    let description: string | undefined;
    while (reader.accept('@')) {
      const decorator = parseValue(reader);
      const argument =
        decorator.kind === 'call' && decorator.name === 'description' ? decorator.args[0] : undefined;
      if (argument?.kind === 'literal') description = String(argument.value);
      reader.skipLines();
    }
    const name = reader.accept('*') ? '*' : reader.expectName();
    reader.expect(':');
    properties.push({ name, description, type: parseType(reader, parseValue) });
    reader.accept(',');
  }
  return properties;
}
