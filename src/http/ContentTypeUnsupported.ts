import { AppError } from '../runtime/AppError.ts';

/** The body is not declared as JSON. */
export class ContentTypeUnsupported extends AppError {
  override readonly name = 'ContentTypeUnsupported';
  readonly code = 'content_type_unsupported';
  readonly retryable = false;
  override readonly httpStatus = 415;

  constructor() {
    super('The body must be JSON: send it with the header Content-Type: application/json.');
  }
}
