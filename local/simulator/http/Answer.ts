/** What a service answers. A long body is given in pieces, so that a big page is never one string. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Iterable<string>;
}

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** The whole body as bytes. */
export function toBytes(answer: Answer): Buffer {
  const { body = '' } = answer;
  return Buffer.from(typeof body === 'string' ? body : [...body].join(''));
}
