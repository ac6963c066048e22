import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Refusal } from './Refusal.ts';
import { json } from './Answer.ts';

/** The services that a fault rule or the request log can name. */
export const serviceNames = ['entra', 'identity', 'keyVault', 'defender', 'graph'] as const;

/** One of the simulated services. */
export type ServiceName = (typeof serviceNames)[number];

/** One request, read completely. */
export interface Call {
  readonly method: string;
  /** Path as received, without the query. */
  readonly path: string;
  /** Query as received, without the question mark; `''` when there is none. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  /**
   * The id of the tenant that the call is about, for fault rules and the request log: the `tid` of its token, which nobody
   * has checked yet, or at Entra what the path names. Absent when it names none.
   */
  tenant?: string;
  /** Who called, for the request log; set by the service once it knows. Never a token. */
  principal?: string;
  /** Set by a fault rule: leave something out of the answer and say so (206). */
  partial?: boolean;
}

/** The query with percent-encoding and `+` resolved. */
export function toDecodedQuery({ query }: Call): string {
  return [...query].map(([name, value]) => `${name}=${value}`).join('&');
}

const largestBodyBytes = 256 * 1024 * 1024; // The control surface takes large alerts; real services take far less.

/** Reads a request completely; throws a 413 refusal when its body is too large. */
export async function readCall(request: IncomingMessage, signal: AbortSignal): Promise<Call> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const rawQuery = mark === -1 ? '' : target.slice(mark + 1);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBodyBytes) {
      throw new Refusal(
        json(413, { error: { code: 'RequestEntityTooLarge', message: 'The body is too large.' } }),
      );
    }
    chunks.push(chunk);
  }
  return {
    method: request.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    signal,
  };
}
