import { AppError } from '../runtime/AppError.ts';

/** There is no operation with this id. */
export class OperationNotFound extends AppError {
  override readonly name = 'OperationNotFound';
  readonly code = 'operation_not_found';
  readonly retryable = false;
  override readonly httpStatus = 404;

  constructor(id: string) {
    super(
      `There is no operation ${id}. Take the id from the Operation-Location of the answer to the action.`,
    );
  }
}
