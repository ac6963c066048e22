import type { DefenderAnswer } from './DefenderClient.ts';
import { DefenderAnswerTooLarge } from './DefenderAnswerTooLarge.ts';
import { DefenderAnswerUnreadable } from './DefenderAnswerUnreadable.ts';

/** Enough for the largest answer that Defender documents, a hunting result of 50 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The JSON object that an answer holds.
 * @throws DefenderAnswerUnreadable when it is none, DefenderAnswerTooLarge, DefenderUnreachable when it breaks off.
 */
export async function readJson(
  operation: string,
  answer: DefenderAnswer,
): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body) {
    size += piece.length;
    if (size > MAX_BYTES) throw new DefenderAnswerTooLarge(operation, MAX_BYTES, answer.requestId);
    pieces.push(piece);
  }
  const value = parse(Buffer.concat(pieces).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DefenderAnswerUnreadable(operation, 'it is no JSON object', answer.requestId);
  }
  return value as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
