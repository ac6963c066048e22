import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import { indexColumns, isScalarType, type ScalarType, type Table } from '../Table.ts';
import { convertTo, toText } from '../values/convert.ts';
import type { Value } from '../values/Value.ts';
import { findParameter, fitRow, resultColumns, verifyParameters, type OperatorPlace } from './Operator.ts';

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'skip' }
  | { readonly kind: 'column'; readonly name: string; readonly type: ScalarType };

/**
 * `parse ... with`: columns cut out of a text between constant pieces. Kinds `simple` (all columns or none) and
 * `relaxed` (null for a value of the wrong type).
 *
 * Source: https://learn.microsoft.com/kusto/query/parse-operator
 */
export function applyParse(node: SyntaxNode, input: Table, { scope }: OperatorPlace): Table {
  verifyParameters(node, 'kind');
  const kind = findParameter(node, 'kind') ?? 'simple';
  if (kind !== 'simple' && kind !== 'relaxed') throw new NotSimulatedError(`parse kind=${kind}`);
  const columns = resultColumns(node);
  const source = compileScalar(node.get('Expression'), scope.withColumns(input.columns));
  const pieces = node.list('Patterns').map(readPiece);
  const pattern = toPattern(pieces);
  const targets = pieces.filter((piece) => piece.kind === 'column');
  const places = indexColumns(input.columns);
  const rows = input.rows.map((row) => {
    const parts = pattern.exec(toText(source(row)))?.slice(1);
    const values = targets.map(({ type }, index) =>
      parts === undefined ? null : convertTo(type, parts[index] ?? ''),
    );
    const isFit = kind === 'relaxed' || values.every((value) => value !== null);
    const parsed = new Map<string, Value>(
      targets.map(({ name }, index) => [name, isFit ? (values[index] ?? null) : null]),
    );
    return fitRow(
      columns,
      columns.map(({ name }) => {
        const place = places.get(name);
        return parsed.has(name)
          ? (parsed.get(name) ?? null)
          : place === undefined
            ? null
            : (row[place] ?? null);
      }),
    );
  });
  return { columns, rows };
}

function readPiece(node: SyntaxNode): Piece {
  if (node.kind === 'StarExpression') return { kind: 'skip' };
  if (node.kind === 'LiteralExpression') return { kind: 'text', text: node.stringValue };
  if (node.kind === 'NameDeclaration') return { kind: 'column', name: node.name, type: 'string' };
  if (node.kind !== 'NameAndTypeDeclaration') throw new NotSimulatedError(`'${node.text}' in parse`);
  const type = aliases[node.get('Type').text] ?? node.get('Type').text;
  if (!isScalarType(type)) throw new NotSimulatedError(`the type ${type} in parse`);
  return { kind: 'column', name: node.get('Name').name, type };
}

const aliases: Readonly<Record<string, ScalarType>> = {
  boolean: 'bool',
  double: 'real',
  date: 'datetime',
  time: 'timespan',
};

/** Each column ends where the next constant piece first appears; one at the end takes the rest. */
function toPattern(pieces: readonly Piece[]): RegExp {
  const parts = pieces.map((piece, index) => {
    if (piece.kind === 'text') return piece.text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    const next = pieces[index + 1];
    if (next === undefined) return piece.kind === 'skip' ? '' : '([^]*)$';
    if (next.kind === 'text') return piece.kind === 'skip' ? '[^]*?' : '([^]*?)';
    // Digits end by themselves.
    if (next.kind === 'skip' && piece.kind === 'column' && /^(?:int|long)$/.test(piece.type))
      return '(-?\\d+)';
    throw new NotSimulatedError('parse with two columns, or a column and *, side by side');
  });
  return new RegExp(`^${parts.join('')}`);
}
