import { AppError } from '../runtime/AppError.ts';

/**
 * A table, queue or blob call failed after the SDK's own retries.
 *
 * Expected answers (absent, already there, changed by somebody else) are never this error: the room that made the call
 * folds them in.
 */
export class StorageError extends AppError {
  override readonly name = 'StorageError';
  readonly code = 'storage_error';
  readonly retryable = true;
  override readonly httpStatus = 503;
  readonly status: number | undefined;

  constructor(operation: string, cause: unknown) {
    const { status, serviceCode, requestId } = readStorageFailure(cause);
    const answer = status === undefined ? 'no answer' : `HTTP ${status}`;
    super(
      `${operation}: Azure Storage gave ${answer} (${serviceCode ?? 'no code'}). Check that the account can be reached ` +
        'and that the identity holds the data roles in docs/errors.md.',
      { cause, requestId },
    );
    this.status = status;
  }
}

interface StorageFailure {
  readonly status: number | undefined;
  readonly serviceCode: string | undefined;
  readonly requestId: string | undefined;
}

interface RestErrorShape {
  statusCode?: unknown;
  code?: unknown;
  details?: { odataError?: { code?: unknown }; errorCode?: unknown };
  response?: { headers?: { get?: (name: string) => string | undefined } };
}

/**
 * Status, service code and request id of an SDK error. The table client puts the code elsewhere than the queue and
 * blob clients, and a call without an answer has none of them.
 */
export function readStorageFailure(error: unknown): StorageFailure {
  const shape = (typeof error === 'object' && error !== null ? error : {}) as RestErrorShape;
  const code = shape.code ?? shape.details?.odataError?.code ?? shape.details?.errorCode;
  return {
    status: typeof shape.statusCode === 'number' ? shape.statusCode : undefined,
    serviceCode: typeof code === 'string' ? code : undefined,
    requestId: shape.response?.headers?.get?.('x-ms-request-id') ?? undefined,
  };
}

/** The HTTP status of an SDK error, or undefined when there was no answer. */
export function storageStatus(error: unknown): number | undefined {
  return readStorageFailure(error).status;
}
