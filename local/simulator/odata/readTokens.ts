import { ODataError, ODataNotSimulatedError } from './ODataError.ts';

/** A piece of a `$filter`. */
export interface Token {
  readonly kind: 'name' | 'any' | 'string' | 'instant' | 'guid' | 'number' | '(' | ')' | ',' | ':' | 'end';
  readonly text: string;
  readonly position: number;
  /** OData requires white space around its word operators. */
  readonly isAfterSpace: boolean;
}

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /'(?:[^']|'')*'/y],
  // The second form, a date alone, is not an instant in OData, but the Defender samples use it.
  ['instant', /\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})|\d{4}-\d{2}-\d{2}Z/y],
  ['guid', /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/iy],
  ['number', /-?\d+(?:\.\d+)?(?![\w.-])/y],
  ['any', /[A-Za-z_]\w*\/any(?=\()/y],
  ['name', /[A-Za-z_]\w*(?![\w/])/y],
  ['(', /\(/y],
  [')', /\)/y],
  [',', /,/y],
  [':', /:/y],
];

const unsupported = /[A-Za-z_]\w*(?:\/\w+)+/y;

/** Splits a `$filter`; the last token has kind `end`. Throws `ODataError`. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    const start = position + (/^[ \t]*/.exec(text.slice(position))?.[0].length ?? 0);
    const isAfterSpace = start > position;
    if (start === text.length) return [...tokens, { kind: 'end', text: '', position: start, isAfterSpace }];
    const token = readToken(text, start, isAfterSpace);
    tokens.push(token);
    position = start + token.text.length;
  }
}

function readToken(text: string, position: number, isAfterSpace: boolean): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, position, isAfterSpace };
  }
  unsupported.lastIndex = position;
  const path = unsupported.exec(text)?.[0];
  if (path !== undefined) throw new ODataNotSimulatedError(`the path '${path}' in a filter`);
  throw new ODataError(`Syntax error at position ${position} in '${text}'.`);
}
