import { NotInterpreted, type Expression } from './Expression.ts';
import { parseExpression } from './parseExpression.ts';

/** A text of a definition: an expression as a whole, or pieces of text with expressions between. */
export type Template =
  | { readonly kind: 'whole'; readonly expression: Expression }
  | { readonly kind: 'pieces'; readonly pieces: readonly (string | Expression)[] };

/**
 * Reads `@expression`, `@@text` and `text @{expression} text`. Within `@{}`, quotes and brackets are respected.
 * @throws NotInterpreted
 *
 * Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#expressions
 */
export function parseTemplate(text: string): Template {
  if (text.startsWith('@@')) return { kind: 'pieces', pieces: [text.slice(1)] };
  if (text.startsWith('@') && text[1] !== '{')
    return { kind: 'whole', expression: parseExpression(text.slice(1)) };
  const pieces: (string | Expression)[] = [];
  let rest = text;
  for (let start = rest.indexOf('@{'); start >= 0; start = rest.indexOf('@{')) {
    if (rest[start - 1] === '@') throw new NotInterpreted(`@@{ is not interpreted: ${text}`);
    const end = findEnd(rest, start + 2);
    pieces.push(rest.slice(0, start), parseExpression(rest.slice(start + 2, end)));
    rest = rest.slice(end + 1);
  }
  return { kind: 'pieces', pieces: [...pieces, rest] };
}

function findEnd(text: string, from: number): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "'") isQuoted = !isQuoted;
    else if (text[at] === '}' && !isQuoted) return at;
  }
  throw new NotInterpreted(`@{ has no end: ${text}`);
}

/** Every expression in a value of a definition, however deep. */
export function listExpressions(value: unknown): Expression[] {
  if (typeof value === 'string') {
    const template = parseTemplate(value);
    return template.kind === 'whole'
      ? [template.expression]
      : template.pieces.filter((piece) => typeof piece !== 'string');
  }
  if (Array.isArray(value)) return value.flatMap(listExpressions);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(listExpressions);
  return [];
}
