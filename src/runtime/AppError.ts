export interface AppErrorInit {
  readonly cause?: unknown;
  /** The request id that the other service gave, for a support case. */
  readonly requestId?: string | undefined;
  /** How long to wait before trying again, where that is known; milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The base of every error that a user can meet.
 *
 * `code` is stable and listed in docs/errors.md; branch on it, never on the message. A message names the operation,
 * the subject and the next step, and never contains a secret. `retryable` says whether the same call may succeed
 * later without anybody changing anything.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;
  /** The HTTP status that a caller of our own API gets. */
  readonly httpStatus: number = 500;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, init: AppErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.requestId = init.requestId;
    this.retryAfterMs = init.retryAfterMs;
  }

  /** What a log may say; the message itself, unless that repeats what a caller wrote. */
  get logMessage(): string {
    return this.message;
  }

  /** More members for the answer to a caller, such as the candidates among which to choose. */
  get members(): Readonly<Record<string, unknown>> {
    return {};
  }
}
