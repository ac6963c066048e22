/** Why a query was not answered. Each API puts it into its own words and status. */
export type HuntingErrorKind =
  /** The query is wrong. */
  | 'badQuery'
  /** The query is right, and the simulator cannot evaluate it. */
  | 'notSimulated'
  | 'resultTooLarge'
  | 'preempted'
  | 'timedOut'
  | 'tooManyCalls'
  | 'tooMuchTime'
  | 'retired';

/** A query that is not answered. */
export class HuntingError extends Error {
  override readonly name = 'HuntingError';
  readonly kind: HuntingErrorKind;
  /** When the next call is allowed; only with the two kinds for too much. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: HuntingErrorKind,
    message: string,
    init: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: init.cause });
    this.kind = kind;
    this.retryAfterMs = init.retryAfterMs;
  }
}
