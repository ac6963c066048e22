import { findTicks } from '../clock/ticks.ts';
import type { Comparable, ComparisonOperator, PropertyType } from './FilterExpression.ts';
import { ODataError } from './ODataError.ts';
import type { Token } from './readTokens.ts';

/** The value of a literal that is compared with a property of this type; throws `ODataError` when the types differ. */
export function parseLiteral(
  token: Token,
  type: PropertyType,
  operator: ComparisonOperator,
): Comparable | null {
  if (token.kind === 'name' && token.text === 'null') return null;
  switch (type.kind) {
    case 'instant':
      return parseInstant(token);
    case 'number':
      return parseNumber(token);
    case 'string':
      return parseText(token, 'Edm.String');
    case 'enum':
      return parseMember(token, type.members, operator);
    case 'guid':
      return parseGuid(token, type.isAlsoQuoted === true, operator);
    case 'collection':
      throw new ODataError('A collection cannot be compared itself: any() compares its elements.');
  }
}

function parseInstant(token: Token): bigint {
  if (token.kind !== 'instant') throw incompatible('Edm.DateTimeOffset', token);
  const text = /^\d{4}-\d{2}-\d{2}Z$/.test(token.text) ? `${token.text.slice(0, -1)}T00:00:00Z` : token.text;
  const ticks = findTicks(text);
  if (ticks === undefined) throw new ODataError(`'${token.text}' is not a date and time.`);
  return ticks;
}

function parseNumber(token: Token): bigint | number {
  if (token.kind !== 'number') throw incompatible('Edm.Int64', token);
  return token.text.includes('.') ? Number(token.text) : BigInt(token.text);
}

function parseText(token: Token, expected: string): string {
  if (token.kind !== 'string') throw incompatible(expected, token);
  return token.text.slice(1, -1).replaceAll("''", "'");
}

function parseMember(token: Token, members: readonly string[], operator: ComparisonOperator): string {
  const text = parseText(token, 'an enumeration');
  if (operator !== 'eq' && operator !== 'ne') {
    throw new ODataError(`The operator '${operator}' does not apply to an enumeration.`);
  }
  if (!members.includes(text)) throw new ODataError(`'${text}' is not a member of the enumeration.`);
  return text;
}

function parseGuid(token: Token, isAlsoQuoted: boolean, operator: ComparisonOperator): string {
  if (operator !== 'eq' && operator !== 'ne')
    throw new ODataError(`The operator '${operator}' does not apply to Edm.Guid.`);
  if (token.kind === 'guid') return token.text.toLowerCase();
  if (isAlsoQuoted && token.kind === 'string') return parseText(token, 'Edm.String').toLowerCase();
  throw incompatible('Edm.Guid', token);
}

function incompatible(expected: string, token: Token): ODataError {
  return new ODataError(
    `The operand ${token.text === '' ? '(nothing)' : token.text} is not compatible with ${expected}.`,
  );
}
