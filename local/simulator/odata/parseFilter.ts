import {
  comparisonOperators,
  type Comparable,
  type ComparisonOperator,
  type FilterExpression,
  type FilterSchema,
  type PropertyType,
} from './FilterExpression.ts';
import { ODataError, ODataNotSimulatedError } from './ODataError.ts';
import { parseLiteral } from './parseLiteral.ts';
import { readTokens, type Token } from './readTokens.ts';

/**
 * Parses a `$filter` and checks it against the schema; throws `ODataError` or `ODataNotSimulatedError`.
 *
 * ```
 * or         = and *( "or" and )
 * and        = unary *( "and" unary )
 * unary      = "not" group / group / comparison / startswith / any
 * group      = "(" or ")"
 * comparison = property operator literal
 * startswith = "startswith" "(" property "," string ")"
 * any        = property "/any" "(" variable ":" variable operator literal ")"
 * ```
 *
 * `not` binds tighter than a comparison, so OData reads `not status eq 'New'` as `(not status) eq 'New'`: an error.
 * Source: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html, 5.1.1
 */
export function parseFilter(text: string, schema: FilterSchema): FilterExpression {
  const parser = new FilterParser(text, schema);
  return parser.parse();
}

const deepestNesting = 100; // Keeps a hostile filter from exhausting the stack.

class FilterParser {
  readonly #text: string;
  readonly #schema: FilterSchema;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, schema: FilterSchema) {
    this.#text = text;
    this.#schema = schema;
    this.#tokens = readTokens(text);
  }

  parse(): FilterExpression {
    const expression = this.#parseOr();
    if (this.#peek().kind !== 'end') throw this.#syntaxError();
    return expression;
  }

  #parseOr(): FilterExpression {
    let left = this.#parseAnd();
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#parseAnd() };
    return left;
  }

  #parseAnd(): FilterExpression {
    let left = this.#parseUnary();
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#parseUnary() };
    return left;
  }

  #parseUnary(): FilterExpression {
    if (this.#peek().kind === '(') return this.#parseGroup();
    if (this.#peek().text !== 'not') return this.#parseComparison();
    this.#next += 1;
    if (this.#peek().kind !== '(') throw this.#syntaxError("'not' applies to an expression in parentheses");
    return { kind: 'not', operand: this.#parseGroup() };
  }

  #parseGroup(): FilterExpression {
    this.#next += 1;
    this.#depth += 1;
    if (this.#depth > deepestNesting) throw new ODataError('The filter is nested too deeply.');
    const inner = this.#parseOr();
    if (this.#peek().kind !== ')') throw this.#syntaxError();
    this.#next += 1;
    this.#depth -= 1;
    return inner;
  }

  #parseComparison(): FilterExpression {
    const name = this.#take();
    if (name.kind === 'any') return this.#parseAny(name);
    if (name.kind !== 'name') throw this.#syntaxError('a comparison starts with a property', name);
    if (this.#peek().kind === '(') return this.#parseFunction(name);
    const { property, type } = this.#getProperty(name.text);
    return { kind: 'comparison', property, ...this.#parseOperation(type) };
  }

  #parseOperation(type: PropertyType): { operator: ComparisonOperator; value: Comparable | null } {
    const operator = this.#takeOperator();
    const literal = this.#take();
    if (!literal.isAfterSpace) throw this.#syntaxError('a space is missing', literal);
    return { operator, value: parseLiteral(literal, type, operator) };
  }

  #parseFunction(name: Token): FilterExpression {
    if (name.text !== 'startswith' || this.#schema.hasStartsWith !== true)
      throw new ODataNotSimulatedError(`the function ${name.text}() in a filter`);
    this.#takeKind('(');
    const { property, type } = this.#getProperty(this.#takeKind('name').text);
    if (type.kind !== 'string') throw new ODataError(`startswith() does not apply to '${property}'.`);
    this.#takeKind(',');
    const prefix = parseLiteral(this.#takeKind('string'), type, 'eq');
    this.#takeKind(')');
    return { kind: 'startsWith', property, prefix: String(prefix) };
  }

  #parseAny({ text }: Token): FilterExpression {
    const name = text.slice(0, -'/any'.length);
    const property = this.#schema.aliases?.[name] ?? name;
    if (this.#schema.properties[property]?.kind !== 'collection')
      throw new ODataNotSimulatedError(`the path '${text}' in a filter`);
    this.#takeKind('(');
    const variable = this.#takeKind('name').text;
    this.#takeKind(':');
    if (this.#takeKind('name').text !== variable)
      throw new ODataNotSimulatedError('any() with more than one comparison of its variable');
    const operation = this.#parseOperation({ kind: 'string' });
    this.#takeKind(')');
    return { kind: 'any', property, ...operation };
  }

  #getProperty(name: string): { property: string; type: PropertyType } {
    const property = this.#schema.aliases?.[name] ?? name;
    const type = Object.hasOwn(this.#schema.properties, property)
      ? this.#schema.properties[property]
      : undefined;
    if (type === undefined) throw new ODataError(`The property '${name}' cannot be used in a filter.`);
    return { property, type };
  }

  #takeOperator(): ComparisonOperator {
    const token = this.#take();
    const operator = comparisonOperators.find((one) => one === token.text);
    if (operator === undefined || !token.isAfterSpace)
      throw this.#syntaxError('a comparison operator is expected', token);
    return operator;
  }

  #takeWord(word: 'and' | 'or'): boolean {
    const token = this.#peek();
    if (token.text !== word) return false;
    this.#next += 1;
    if (!token.isAfterSpace || !this.#peek().isAfterSpace)
      throw this.#syntaxError('a space is missing', token);
    return true;
  }

  #peek(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw this.#syntaxError();
    return token;
  }

  #takeKind(kind: Token['kind']): Token {
    const token = this.#take();
    if (token.kind !== kind) throw this.#syntaxError(`${kind} is expected`, token);
    return token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #syntaxError(why = 'the expression is not complete', token = this.#tokens[this.#next]): ODataError {
    const position = token?.position ?? this.#text.length;
    return new ODataError(`Syntax error at position ${position} in '${this.#text}': ${why}.`);
  }
}
