import { AppError } from '../runtime/AppError.ts';

/** The service does not accept the query. Its message is passed on, since it is about the caller's own text. */
export class HuntQueryInvalid extends AppError {
  override readonly name = 'HuntQueryInvalid';
  readonly code = 'hunt_query_invalid';
  readonly retryable = false;
  override readonly httpStatus = 400;

  constructor(serviceMessage: string, requestId: string | undefined) {
    super(`The query is not accepted: ${serviceMessage}`.replace(/[^.]$/, '$&.'), { requestId });
  }

  /** The service's message quotes the query, and a query may quote what an attacker wrote. */
  override get logMessage(): string {
    return 'The query is not accepted; the caller was told why.';
  }
}
