import { NotInterpreted, type Expression } from './Expression.ts';

/** Strings in single quotes with `''` for a quote, numbers, names, and the few marks. */
const tokens = /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([()[\],.?]))/y;

/**
 * Parses what stands behind `@` or within `@{}`: literals, calls, and members by `['name']`, `[0]` or `.name`, each
 * with or without `?`. There are no operators.
 * @throws NotInterpreted
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text);
  const expression = parser.readExpression();
  parser.expectEnd();
  return expression;
}

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'mark' | 'end';
  readonly text: string;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = readTokens(text);
  }

  readExpression(): Expression {
    let expression = this.#readPrimary();
    for (;;) {
      const isOptional = this.#take('?');
      if (this.#take('[')) {
        expression = { kind: 'member', of: expression, key: this.readExpression(), isOptional };
        this.#expect(']');
      } else if (this.#take('.')) {
        expression = { kind: 'member', of: expression, key: this.#readName(), isOptional };
      } else if (isOptional) {
        throw this.#unexpected();
      } else {
        return expression;
      }
    }
  }

  expectEnd(): void {
    if (this.#peek().kind !== 'end') throw this.#unexpected();
  }

  #readPrimary(): Expression {
    const token = this.#peek();
    this.#next += 1;
    switch (token.kind) {
      case 'text':
        return { kind: 'literal', value: token.text.slice(1, -1).replaceAll("''", "'") };
      case 'number':
        return { kind: 'literal', value: Number(token.text) };
      case 'name':
        if (token.text in words) return { kind: 'literal', value: words[token.text] ?? null };
        return { kind: 'call', name: token.text, parameters: this.#readParameters() };
      default:
        this.#next -= 1;
        throw this.#unexpected();
    }
  }

  #readParameters(): Expression[] {
    this.#expect('(');
    const parameters: Expression[] = [];
    if (this.#take(')')) return parameters;
    do parameters.push(this.readExpression());
    while (this.#take(','));
    this.#expect(')');
    return parameters;
  }

  #readName(): Expression {
    const token = this.#peek();
    if (token.kind !== 'name') throw this.#unexpected();
    this.#next += 1;
    return { kind: 'literal', value: token.text };
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: 'the end' };
  }

  #take(mark: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'mark' || token.text !== mark) return false;
    this.#next += 1;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw this.#unexpected();
  }

  #unexpected(): NotInterpreted {
    return new NotInterpreted(`${this.#peek().text} is not expected there: ${this.#text}`);
  }
}

const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function readTokens(text: string): Token[] {
  const found: Token[] = [];
  const kinds = ['text', 'number', 'name', 'mark'] as const;
  const end = text.trimEnd().length;
  tokens.lastIndex = 0;
  while (tokens.lastIndex < end) {
    const at = tokens.lastIndex;
    const groups = tokens.exec(text)?.slice(1);
    if (!groups) throw new NotInterpreted(`No expression from character ${at} on: ${text}`);
    const index = groups.findIndex((group) => (group as string | undefined) !== undefined);
    found.push({ kind: kinds[index] ?? 'mark', text: groups[index] ?? '' });
  }
  return found;
}
