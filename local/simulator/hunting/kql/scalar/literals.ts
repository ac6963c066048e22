import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { KqlError } from '../KqlError.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import type { ScalarType } from '../Table.ts';
import { toBool, toLong, toReal } from '../values/convert.ts';
import { parseJson } from '../values/json.ts';
import { parseDateTime, parseTimeSpan } from '../values/timeText.ts';
import type { Value } from '../values/Value.ts';

/**
 * The value of a literal: `5`, `long(5)`, `"text"`, `datetime(2026-01-31)`, `1.5h`.
 *
 * Read here and not taken from the language service, which shortens some of them.
 */
export function parseLiteral(node: SyntaxNode): Value {
  const { type } = node;
  if (type === 'string') return node.stringValue;
  const inner = withinType(node.text);
  if (inner === 'null') return null;
  const value = readers[type](inner);
  if (value === undefined || value === null) {
    throw new KqlError(`The value '${node.text}' cannot be read as ${type}.`);
  }
  return value;
}

const readers: Readonly<Record<Exclude<ScalarType, 'string'>, (text: string) => Value | undefined>> = {
  bool: toBool,
  int: toLong,
  long: toLong,
  real: readReal,
  datetime: (text) => {
    // datetime() is the current time, which a literal here cannot know.
    if (text === '') throw new NotSimulatedError('datetime() without a value');
    return parseDateTime(text);
  },
  timespan: parseTimeSpan,
  dynamic: (text) => parseJson(text),
};

function readReal(text: string): Value {
  const special: Readonly<Record<string, number>> = { nan: NaN, '+inf': Infinity, '-inf': -Infinity };
  return special[text.toLowerCase()] ?? toReal(text);
}

/** What stands between the parentheses, without quotes; the whole text when there are none. */
function withinType(text: string): string {
  const inner = /^[a-z0-9]+\s*\(\s*([\s\S]*?)\s*\)$/i.exec(text)?.[1];
  return inner === undefined ? text : inner.replace(/^(["'])([\s\S]*)\1$/, '$2');
}

/** The value within `dynamic(...)`: JSON, whose leaves may also be literals of KQL. */
export function parseDynamicLiteral(node: SyntaxNode): Value {
  switch (node.kind) {
    case 'JsonArrayExpression':
      return node.list('Values').map(parseDynamicLiteral);
    case 'JsonObjectExpression':
      return new Map(
        node.list('Pairs').map((pair) => [readKey(pair), parseDynamicLiteral(pair.get('Value'))] as const),
      );
    case 'LiteralExpression':
      return node.text === 'null' ? null : parseLiteral(node);
    case 'PrefixUnaryExpression':
      return parseJson(node.text);
    case 'DynamicExpression':
    case 'ParenthesizedExpression':
      return parseDynamicLiteral(node.get('Expression'));
    default:
      throw new NotSimulatedError(`'${node.text}' within dynamic()`);
  }
}

function readKey(pair: SyntaxNode): string {
  const { text } = pair.get('Name');
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text)?.[2];
  if (quoted?.includes('\\') !== true) return quoted ?? text;
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch (error) {
    throw new NotSimulatedError(`the key ${text} within dynamic()`, { cause: error });
  }
}
