/** What an error body says; tolerant, because a proxy may answer in the service's place. */
export interface Failure {
  readonly code: string;
  /** The service's own words, cut to a bearable length. */
  readonly message: string | undefined;
  /** The id for a support case, where the body has one. */
  readonly id: string | undefined;
}

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_MESSAGE_LENGTH = 2_000;
const WITHOUT_CODE = 'without a code';

/**
 * Reads the body of an error answer.
 * Sources: https://learn.microsoft.com/defender-endpoint/api/common-errors and https://learn.microsoft.com/graph/errors
 */
export async function readFailure(body: AsyncIterable<Uint8Array>): Promise<Failure> {
  try {
    const parsed = asRecord(JSON.parse(await readText(body)));
    const { code, message, target, innerError, innererror } = asRecord(parsed.error);
    return {
      code: typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : WITHOUT_CODE,
      message: typeof message === 'string' && message ? message.slice(0, MAX_MESSAGE_LENGTH) : undefined,
      id: asId(target) ?? asId(asRecord(innerError ?? innererror)['request-id']),
    };
  } catch {
    // The status is what matters; a body that cannot be read only leaves the rest out.
    return { code: WITHOUT_CODE, message: undefined, id: undefined };
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,80}$/.test(value) ? value : undefined;
}
