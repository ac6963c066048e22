import { HttpRequest } from '@azure/functions';

export interface RequestParts {
  readonly method?: 'GET' | 'POST';
  readonly params?: Readonly<Record<string, string>>;
  /** As the host gives it: a name that comes twice has both values, joined by a comma. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is; anything else as JSON. */
  readonly body?: unknown;
}

export const DEVICE = '0123456789abcdef0123456789abcdef01234567';

/** A request as the Functions host hands it over. */
export function createRequest({ method, params, query, headers, body }: RequestParts): HttpRequest {
  return new HttpRequest({
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url: 'http://127.0.0.1:7071/api/x',
    params: { ...params },
    query: { ...query },
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined
      ? {}
      : { body: { bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) } }),
  });
}

/** A right request for an isolation, with changes. */
export function isolateRequest(changes: RequestParts = {}): HttpRequest {
  const { headers, ...rest } = changes;
  return createRequest({
    params: { device: DEVICE },
    body: { comment: 'Ransomware, case 7' },
    headers: { 'idempotency-key': 'case-7', ...headers },
    ...rest,
  });
}
