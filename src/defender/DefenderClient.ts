import { decodeTokenClaims, type TokenClaims } from '../identity/decodeTokenClaims.ts';
import { isPermitted, type Permission } from '../identity/permissions.ts';
import type { TokenSource } from '../identity/TokenSource.ts';
import { DefenderHttpError } from './DefenderHttpError.ts';
import { DefenderPermissionMissing } from './DefenderPermissionMissing.ts';
import { DefenderUnreachable } from './DefenderUnreachable.ts';
import { Deadline } from './Deadline.ts';
import { PersonNotPermitted } from './PersonNotPermitted.ts';
import { readFailure } from './readFailure.ts';
import { parseRetryAfterMs } from './retryAfter.ts';

export interface DefenderClientInit {
  /** Scheme, host and optional path prefix, without a trailing slash. */
  readonly url: string;
  /** The resource that tokens are asked for; not the same as the host. */
  readonly audience: string;
  readonly tokens: TokenSource;
  /** Whose the tokens must be. Undefined: of whoever signed in, and the token says who that is. */
  readonly kind?: 'application' | 'person' | undefined;
  readonly requestTimeoutMs: number;
  /** Sent as `Prefer` with every GET. */
  readonly prefer?: string | undefined;
  readonly fetch?: typeof fetch;
}

export interface DefenderRequest {
  /** What the call is for, in a few words; begins every error message. */
  readonly operation: string;
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST';
  /** Path and query, beginning with a slash. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** What the token must carry. */
  readonly permission: Permission;
  readonly signal: AbortSignal;
  /** Called before every HTTP request that is really sent, to count it against a quota. */
  readonly beforeSend?: () => Promise<void>;
  /** Instead of the client's own; milliseconds. */
  readonly timeoutMs?: number;
}

/** A successful answer whose body is still to come. */
export interface DefenderAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string | undefined;
  /** The body, piece by piece. @throws DefenderUnreachable when it stops coming. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Calls a REST API of Defender or Graph as one identity in one tenant.
 *
 * What the token does not permit is not tried, so that the error can name what is missing. One attempt per call, but for a
 * 401: that was not carried out and gets one fresh token. Redirects are not followed, so that the token never leaves for
 * another host.
 */
export class DefenderClient {
  readonly #init: DefenderClientInit;
  readonly #fetch: typeof fetch;

  constructor(init: DefenderClientInit) {
    this.#init = init;
    this.#fetch = init.fetch ?? fetch;
  }

  /**
   * @throws DefenderUnreachable, DefenderHttpError, DefenderPermissionMissing, PersonNotPermitted, and what the token source
   * throws.
   */
  async send(request: DefenderRequest): Promise<DefenderAnswer> {
    const { tokens, audience } = this.#init;
    const token = await this.#permittedToken(request);
    const attempt = await this.#attempt(request, token);
    if (attempt.response.status !== 401) return await this.#accept(request, attempt, token);

    attempt.deadline.cancel();
    const freshToken = await tokens.getToken(audience, request.signal, token);
    return await this.#accept(request, await this.#attempt(request, freshToken), freshToken);
  }

  /** A token that permits the call as far as it can be read. One from before a grant is asked for anew. */
  async #permittedToken({ operation, permission, signal }: DefenderRequest): Promise<string> {
    const { tokens, audience } = this.#init;
    const kept = await tokens.getToken(audience, signal);
    const isEnough = (token: string) => {
      const claims = this.#claimsOf(token);
      return claims === undefined || isPermitted(permission, claims);
    };
    if (isEnough(kept)) return kept;
    const token = await tokens.getToken(audience, signal, kept, true);
    if (isEnough(token)) return token;
    throw this.#refusal({ operation, permission, token, wasAsked: false, requestId: undefined });
  }

  /** With what the token is judged by: never by the rights of an application where it must be a person's. */
  #claimsOf(token: string): TokenClaims | undefined {
    const { kind } = this.#init;
    const claims = decodeTokenClaims(token);
    return claims && kind ? { ...claims, isPerson: kind === 'person' } : claims;
  }

  /** The same 403 means two things: the app's own identity lacks a grant, or the person may not. */
  #refusal({ token, ...about }: Refusal): DefenderPermissionMissing | PersonNotPermitted {
    const claims = this.#claimsOf(token);
    return this.#init.kind === 'person' || claims?.isPerson
      ? new PersonNotPermitted({ ...about, claims })
      : new DefenderPermissionMissing({ ...about, claims });
  }

  async #attempt(request: DefenderRequest, token: string): Promise<Attempt> {
    const { url, prefer } = this.#init;
    const { method = 'GET' } = request;
    await request.beforeSend?.();
    const deadline = new Deadline(request.timeoutMs ?? this.#init.requestTimeoutMs, request.signal);
    try {
      const response = await this.#fetch(`${url}${request.path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(prefer === undefined || method !== 'GET' ? {} : { prefer }),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        redirect: 'manual',
        signal: deadline.signal,
      });
      deadline.pause();
      return { response, deadline };
    } catch (error) {
      deadline.cancel();
      request.signal.throwIfAborted();
      throw new DefenderUnreachable(request.operation, error);
    }
  }

  async #accept(request: DefenderRequest, attempt: Attempt, token: string): Promise<DefenderAnswer> {
    const { response } = attempt;
    const requestId = readRequestId(response.headers);
    const body = readBody(request, attempt);
    if (response.ok) return { status: response.status, headers: response.headers, requestId, body };

    const failure = await readFailure(body);
    request.signal.throwIfAborted();
    const id = requestId ?? failure.id;
    if (response.status === 403) throw this.#refusal({ ...request, token, wasAsked: true, requestId: id });
    throw new DefenderHttpError({
      operation: request.operation,
      serviceStatus: response.status,
      serviceCode: failure.code,
      serviceMessage: failure.message,
      requestId: id,
      retryAfterMs: parseRetryAfterMs(response.headers),
    });
  }
}

interface Refusal extends Pick<DefenderRequest, 'operation' | 'permission'> {
  readonly token: string;
  readonly wasAsked: boolean;
  readonly requestId: string | undefined;
}

interface Attempt {
  readonly response: Response;
  readonly deadline: Deadline;
}

async function* readBody(
  request: DefenderRequest,
  { response, deadline }: Attempt,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    while (reader) {
      // The time in which the caller works on what came does not count.
      deadline.restart();
      const { done, value } = (await reader.read()) as
        { done: false; value: Uint8Array } | { done: true; value?: undefined };
      deadline.pause();
      if (done) return;
      yield value;
    }
  } catch (error) {
    request.signal.throwIfAborted();
    throw new DefenderUnreachable(request.operation, error);
  } finally {
    deadline.cancel();
  }
}

function readRequestId(headers: Headers): string | undefined {
  return headers.get('request-id') ?? headers.get('x-ms-request-id') ?? undefined;
}
