import { AppError } from '../runtime/AppError.ts';

export interface DefenderHttpErrorInit {
  readonly operation: string;
  readonly serviceStatus: number;
  readonly serviceCode: string;
  /** The service's own words; only for callers whose input they are about, such as the author of a query. */
  readonly serviceMessage?: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** A 401 only comes to this after a fresh token. Source: https://learn.microsoft.com/defender-endpoint/api/common-errors */
const WRONG_TOKEN =
  'It did not take a fresh token either: check that the audience belongs to the API (DEFENDER_API_AUDIENCE, ' +
  'XDR_API_AUDIENCE, GRAPH_API_AUDIENCE), DEFENDER_CLOUD, and the licence of the tenant. ';

/**
 * Defender answered with a status that is not success.
 *
 * Branch on `serviceStatus` first and `serviceCode` second; Microsoft documents the message as free text that can change.
 * `retryAfterMs` is set only when the service said how long to wait.
 * A refusal for a missing permission is DefenderPermissionMissing instead.
 * Source: https://learn.microsoft.com/defender-endpoint/api/common-errors
 */
export class DefenderHttpError extends AppError {
  override readonly name = 'DefenderHttpError';
  readonly code = 'defender_http_error';
  readonly serviceStatus: number;
  readonly serviceCode: string;
  readonly serviceMessage: string | undefined;
  override readonly httpStatus: number;

  constructor({
    operation,
    serviceStatus,
    serviceCode,
    serviceMessage,
    requestId,
    retryAfterMs,
  }: DefenderHttpErrorInit) {
    super(
      `${operation}: Defender answered ${serviceStatus} ${serviceCode}. ${serviceStatus === 401 ? WRONG_TOKEN : ''}` +
        `A support case needs the request id ${requestId ?? '(none was given)'}.`,
      { requestId, retryAfterMs },
    );
    this.serviceStatus = serviceStatus;
    this.serviceCode = serviceCode;
    this.serviceMessage = serviceMessage;
    this.httpStatus = serviceStatus === 429 ? 503 : 502;
  }

  /** A later try may succeed; only calls that are safe to repeat act on this. */
  get retryable(): boolean {
    return this.isThrottled || this.serviceStatus === 408 || this.serviceStatus >= 500;
  }

  get isThrottled(): boolean {
    return this.serviceStatus === 429;
  }
}
