import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RouteMatch } from './routeTable.ts';
import type { RpcHttpCookie, RpcTypedData } from './workerProtocol.ts';

/** A larger body is answered with 500 and never reaches the function. */
export const MAXIMUM_BODY_BYTES = 104_857_600;

type NullableText = Record<string, { value: string }>;

/**
 * The body of a request, undefined when it is larger than `MAXIMUM_BODY_BYTES`.
 *
 * The rest of a larger body is read and thrown away, so that the caller gets to see the answer.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAXIMUM_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > MAXIMUM_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

/** The trigger's input for a request. A body without a content-length (chunked) is not handed over, as on the host. */
export function toRpcRequest(request: IncomingMessage, match: RouteMatch, body: Buffer): RpcTypedData {
  const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
  return {
    http: {
      method: request.method ?? 'GET',
      url: `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`,
      nullableHeaders: headersOf(request),
      nullableParams: mapValues(match.params, (value) => ({ value })),
      nullableQuery: queryOf(request.url ?? '/'),
      ...(hasBody ? { body: { bytes: body } } : {}),
    },
  };
}

function headersOf(request: IncomingMessage): NullableText {
  return mapValues(request.headersDistinct, (values) => ({ value: (values ?? []).join(',') }));
}

// The same name twice is one entry, whatever the case: `x=1&X=2` gives x = "1,2".
function queryOf(url: string): NullableText {
  const query: NullableText = {};
  const question = url.indexOf('?');
  if (question === -1) return query;
  for (const [name, value] of new URLSearchParams(url.slice(question))) {
    const known = Object.keys(query).find((key) => key.toLowerCase() === name.toLowerCase());
    const earlier = known === undefined ? undefined : query[known];
    if (earlier === undefined) query[name] = { value };
    else earlier.value += `,${value}`;
  }
  return query;
}

/** Writes what the function returned; nothing returned is 204. */
export function writeResponse(response: ServerResponse, returned: RpcTypedData | null | undefined): void {
  const http = returned?.http;
  if (http === undefined) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  for (const cookie of http.cookies ?? []) response.appendHeader('set-cookie', formatCookie(cookie));
  response.statusCode = Number(http.statusCode ?? '200');
  const body = toBytes(http.body);
  // Written before the end, so that Node answers chunked unless the function gave a content-length.
  if (body.length > 0) response.write(body);
  response.end();
}

function toBytes(data: RpcTypedData | null | undefined): Uint8Array {
  if (data?.bytes !== undefined) return data.bytes;
  return Buffer.from(data?.string ?? data?.json ?? '');
}

function formatCookie(cookie: RpcHttpCookie): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  const expires = cookie.expires?.value?.seconds;
  if (expires !== undefined) parts.push(`expires=${new Date(expires * 1000).toUTCString()}`);
  if (cookie.maxAge?.value !== undefined) parts.push(`max-age=${cookie.maxAge.value}`);
  if (cookie.domain?.value !== undefined) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value === true) parts.push('secure');
  if (cookie.sameSite !== undefined && cookie.sameSite !== 'none') {
    parts.push(`samesite=${cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite}`);
  }
  if (cookie.httpOnly?.value === true) parts.push('httponly');
  return parts.join('; ');
}

function mapValues<From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
