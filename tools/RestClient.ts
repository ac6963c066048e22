import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../src/runtime/Clock.ts';

/** What a service answered: `status` is undefined when there was no answer, and `code` says why. */
export interface RefusedCall {
  readonly operation: string;
  readonly status: number | undefined;
  readonly code: string;
  readonly requestId: string;
}

export interface RestClientInit {
  /** Where the service is; the token goes there only. */
  readonly url: string;
  /** What the token is asked for, such as `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** The header in which the service names a request. */
  readonly requestIdHeader: string;
  readonly toError: (call: RefusedCall) => Error;
}

type Method = 'GET' | 'POST' | 'PATCH';

/** How often a call is made that the service throttles, or cannot answer just now. */
const MAX_TRIES = 4;
const DEFAULT_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/** Calls a REST service of Microsoft's with the operator's own sign-in, JSON in and out. */
export class RestClient {
  readonly #init: RestClientInit;

  constructor(init: RestClientInit) {
    this.#init = init;
  }

  /**
   * @param target a path from the service's URL on, or a whole link that the service gave.
   * @returns undefined for 204.
   * @throws what `toError` makes of a refusal.
   */
  async send(
    operation: string,
    method: Method,
    target: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<unknown> {
    const { url, clock, toError } = this.#init;
    const link = new URL(target.startsWith('/') ? `${url}${target}` : target);
    if (link.origin !== new URL(url).origin)
      throw toError({ operation, status: undefined, code: 'a link elsewhere', requestId: '' });
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#try(operation, method, link, signal, body);
      // A change that may have been made is not asked for again.
      const mayTryAgain = answer.status === 429 || (method === 'GET' && answer.status >= 500);
      if (answer.status === 204) return undefined;
      if (answer.ok) return await answer.json();
      if (!mayTryAgain || attempt === MAX_TRIES) throw await this.#toError(operation, answer);
      await answer.body?.cancel();
      const waitMs = Number(answer.headers.get('retry-after')) * 1000 || DEFAULT_WAIT_MS * attempt;
      await clock.sleep(Math.min(waitMs, LONGEST_WAIT_MS), signal);
    }
  }

  async #try(
    operation: string,
    method: Method,
    link: URL,
    signal: AbortSignal,
    body: unknown,
  ): Promise<Response> {
    const token = await this.#token(operation, signal);
    try {
      return await fetch(link, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof Error ? error.message : 'no answer';
      throw this.#init.toError({ operation, status: undefined, code, requestId: '' });
    }
  }

  async #token(operation: string, signal: AbortSignal): Promise<string> {
    const { scope, credential, toError } = this.#init;
    try {
      const token = await credential.getToken(scope, { abortSignal: signal });
      if (token) return token.token;
    } catch {
      signal.throwIfAborted();
      // What the SDK says lists every way to sign in that it tried; one sentence is more use.
    }
    const code = 'you are not signed in: az login, or azd auth login';
    throw toError({ operation, status: undefined, code, requestId: '' });
  }

  async #toError(operation: string, answer: Response): Promise<Error> {
    const { requestIdHeader, toError } = this.#init;
    const code = readCode(await answer.text().catch(() => ''));
    const requestId = answer.headers.get(requestIdHeader) ?? '';
    return toError({ operation, status: answer.status, code, requestId });
  }
}

/** The code only: a message is free text. */
function readCode(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : 'no code';
  } catch {
    return 'no code';
  }
}
