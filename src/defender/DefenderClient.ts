import { decodeTokenClaims } from '../identity/decodeTokenClaims.ts';
import type { TokenSource } from '../identity/TokenSource.ts';
import { DefenderHttpError } from './DefenderHttpError.ts';
import { DefenderPermissionMissing } from './DefenderPermissionMissing.ts';
import { DefenderUnreachable } from './DefenderUnreachable.ts';
import { Deadline } from './Deadline.ts';
import { parseRetryAfterMs } from './retryAfter.ts';

export interface DefenderClientInit {
  /** Scheme, host and optional path prefix, without a trailing slash. */
  readonly url: string;
  /** The resource that tokens are asked for; not the same as the host. */
  readonly audience: string;
  readonly tokens: TokenSource;
  readonly requestTimeoutMs: number;
  readonly fetch?: typeof fetch;
}

export interface DefenderRequest {
  /** What the call is for, in a few words; begins every error message. */
  readonly operation: string;
  /** Path and query, beginning with a slash. */
  readonly path: string;
  /** The application roles of which any one suffices, least privileged first. */
  readonly roles: readonly string[];
  readonly signal: AbortSignal;
  /** Called before every HTTP request that is really sent, to count it against a quota. */
  readonly beforeSend: () => Promise<void>;
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
 * Reads from the Defender for Endpoint REST API with the app's own token.
 *
 * One attempt per call, but for a 401: that gets one fresh token. Redirects are not followed, so that the token never
 * leaves for another host.
 */
export class DefenderClient {
  readonly #init: DefenderClientInit;
  readonly #fetch: typeof fetch;

  constructor(init: DefenderClientInit) {
    this.#init = init;
    this.#fetch = init.fetch ?? fetch;
  }

  /** @throws DefenderUnreachable, DefenderHttpError, DefenderPermissionMissing, CredentialRefused, CredentialUnavailable */
  async get(request: DefenderRequest): Promise<DefenderAnswer> {
    const { tokens, audience } = this.#init;
    const token = await tokens.getToken(audience, request.signal);
    const attempt = await this.#send(request, token);
    if (attempt.response.status !== 401) return await this.#accept(request, attempt, token);

    attempt.deadline.cancel();
    const freshToken = await tokens.getToken(audience, request.signal, token);
    return await this.#accept(request, await this.#send(request, freshToken), freshToken);
  }

  async #send(request: DefenderRequest, token: string): Promise<Attempt> {
    await request.beforeSend();
    const deadline = new Deadline(this.#init.requestTimeoutMs, request.signal);
    try {
      const response = await this.#fetch(`${this.#init.url}${request.path}`, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
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
    const id = requestId ?? failure.target;
    if (response.status === 403) {
      const granted = decodeTokenClaims(token)?.roles;
      throw new DefenderPermissionMissing({
        operation: request.operation,
        needed: request.roles,
        granted,
        requestId: id,
      });
    }
    throw new DefenderHttpError({
      operation: request.operation,
      serviceStatus: response.status,
      serviceCode: failure.code,
      requestId: id,
      retryAfterMs: parseRetryAfterMs(response.headers),
    });
  }
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

/** Documented form: https://learn.microsoft.com/defender-endpoint/api/common-errors */
interface ErrorFields {
  readonly code?: unknown;
  readonly target?: unknown;
}
type ErrorBody = { readonly error?: ErrorFields } | null;

const MAX_ERROR_BYTES = 64 * 1024;

/** Code and correlation id of an error body; tolerant, because a proxy may answer in the service's place. */
async function readFailure(
  body: AsyncIterable<Uint8Array>,
): Promise<{ code: string; target: string | undefined }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      size += piece.length;
      if (size > MAX_ERROR_BYTES) break;
    }
    const parsed = JSON.parse(Buffer.concat(pieces).toString('utf8')) as ErrorBody;
    const failure: ErrorFields = parsed?.error ?? {};
    const { code, target } = failure;
    return {
      code: typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : 'without a code',
      target: typeof target === 'string' && /^[\w-]{1,80}$/.test(target) ? target : undefined,
    };
  } catch {
    // The status is what matters; a body that cannot be read only leaves the code out.
    return { code: 'without a code', target: undefined };
  }
}

function readRequestId(headers: Headers): string | undefined {
  return headers.get('request-id') ?? headers.get('x-ms-request-id') ?? undefined;
}
