import { AppError } from '../runtime/AppError.ts';

/** People call, but the deployment cannot act on their behalf, and never acts with its own rights instead. */
export class OnBehalfOfOff extends AppError {
  override readonly name = 'OnBehalfOfOff';
  readonly code = 'on_behalf_of_off';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor() {
    super(
      'This deployment does nothing on behalf of people: ON_BEHALF_OF_CREDENTIAL is off, or no client id says which registration exchanges their tokens (ON_BEHALF_OF_CLIENT_ID). Call as an application.',
    );
  }
}
