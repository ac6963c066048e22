import { BicepSyntaxError } from './BicepSyntaxError.ts';

/** A piece of Bicep. A string keeps what stands between its quotes: text, and the source of each interpolation. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'line' | 'end';
  readonly text: string;
  readonly line: number;
  /** Of a string: text and interpolations in turn, beginning and ending with text. */
  readonly parts?: readonly string[];
}

const MARKS = ['...', '=>', '==', '!=', '=~', '!~', '<=', '>=', '&&', '||', '??', '.?', '[?', '::'];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/file and
 * https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types
 *
 * @param file its name, for messages.
 * @throws BicepSyntaxError
 */
export function tokenize(file: string, text: string, firstLine = 1): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = firstLine;
  const fail = (problem: string) => new BicepSyntaxError(file, line, problem);
  const add = (kind: Token['kind'], length: number, parts?: readonly string[]) => {
    const source = text.slice(at, at + length);
    tokens.push({ kind, text: source, line, ...(parts && { parts }) });
    at += length;
    line += kind === 'line' ? 0 : source.split('\n').length - 1;
  };
  while (at < text.length) {
    const rest = text.slice(at, at + 2000);
    const blank =
      /^[ \t\r]+/.exec(rest) ??
      /^(\/\/|#disable-next-line\b|#restore\b|#disable-diagnostics\b)[^\n]*/.exec(rest);
    if (blank) at += blank[0].length;
    else if (rest.startsWith('/*')) {
      const end = text.indexOf('*/', at);
      if (end < 0) throw fail('a comment has no end');
      line += text.slice(at, end).split('\n').length - 1;
      at = end + 2;
    } else if (rest.startsWith('\n')) {
      add('line', 1);
      line += 1;
    } else if (rest.startsWith("'''")) {
      const end = text.indexOf("'''", at + 3);
      if (end < 0) throw fail('a string has no end');
      add('string', end + 3 - at, [text.slice(at + 3, end).replace(/^\n/, '')]);
    } else if (rest.startsWith("'")) {
      const { parts, length } = readString(text.slice(at), fail);
      add('string', length, parts);
    } else {
      const word = /^[A-Za-z_]\w*/.exec(rest);
      const number = /^\d+/.exec(rest);
      const mark =
        MARKS.find((candidate) => rest.startsWith(candidate)) ?? /^[-@={}()[\].,:?!+*/%<>|]/.exec(rest)?.[0];
      if (word) add('name', word[0].length);
      else if (number) add('number', number[0].length);
      else if (mark) add('mark', mark.length);
      else throw fail(`'${rest.slice(0, 1)}' is not expected`);
    }
  }
  tokens.push({ kind: 'end', text: 'the end of the file', line });
  return tokens;
}

/** @param text from the opening quote on. */
function readString(
  text: string,
  fail: (problem: string) => BicepSyntaxError,
): { parts: string[]; length: number } {
  const parts: string[] = [];
  let part = '';
  for (let at = 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "'") return { parts: [...parts, part], length: at + 1 };
    if (character === '\n') break;
    if (character === '\\') {
      const unicode = /^u\{([0-9a-fA-F]+)\}/.exec(text.slice(at + 1));
      const next = text.charAt(at + 1);
      if (unicode) part += String.fromCodePoint(Number.parseInt(unicode[1] ?? '', 16));
      else if ("\\'$nrt".includes(next)) part += ESCAPES[next] ?? next;
      else throw fail(`'\\${next}' is not an escape`);
      at += unicode ? unicode[0].length : 1;
    } else if (text.startsWith('${', at)) {
      const end = endOfInterpolation(text, at + 2, fail);
      parts.push(part, text.slice(at + 2, end));
      part = '';
      at = end;
    } else part += character;
  }
  throw fail('a string has no end');
}

/** Where the brace stands that closes the interpolation which begins at `from`. */
function endOfInterpolation(text: string, from: number, fail: (problem: string) => BicepSyntaxError): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "'") at += readString(text.slice(at), fail).length - 1;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw fail('an interpolation has no end');
}
