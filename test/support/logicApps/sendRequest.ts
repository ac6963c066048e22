import { once } from 'node:events';
import { request as sendPlain, type IncomingMessage } from 'node:http';
import { request as sendSecure } from 'node:https';
import { buffer } from 'node:stream/consumers';

/** A request with exactly these headers. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
}

/** An answer, read completely. */
export interface IncomingAnswer {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/**
 * Sends one request on a connection of its own and follows no redirect. Not `fetch`, which adds headers.
 *
 * Rejects when the signal is aborted, and with the system's error when the connection fails, also in the middle of a body.
 */
export async function sendRequest({
  method,
  url,
  headers,
  body,
  signal,
}: OutgoingRequest): Promise<IncomingAnswer> {
  const send = new URL(url).protocol === 'https:' ? sendSecure : sendPlain;
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  // No agent: a connection that the server closes while it idles would look like a failed request.
  const outgoing = send(url, { method, headers: { ...headers, ...length }, signal, agent: false });
  // A connection that breaks within the body is told by the body; without a listener it would end the process.
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const bytes = await buffer(answer);
  return { statusCode: answer.statusCode ?? 0, headers: toText(answer.headers), bytes };
}

function toText(headers: IncomingMessage['headers']): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}
