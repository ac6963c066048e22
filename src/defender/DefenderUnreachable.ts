import { AppError } from '../runtime/AppError.ts';

/** No answer came from Defender: no connection, a broken one, or the deadline passed. */
export class DefenderUnreachable extends AppError {
  override readonly name = 'DefenderUnreachable';
  readonly code = 'defender_unreachable';
  readonly retryable = true;
  override readonly httpStatus = 503;

  constructor(operation: string, cause: unknown) {
    super(
      `${operation}: Defender gave no answer (${reasonOf(cause)}). Check the network and DEFENDER_API_URL.`,
      {
        cause,
      },
    );
  }
}

/** Node's short code such as ECONNRESET; its messages may carry addresses and add nothing. */
function reasonOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    if (current.name === 'TimeoutError') return 'timed out';
  }
  return 'connection failed';
}
