import { AppError } from '../runtime/AppError.ts';

/** An application asked for what only people may ask for. */
export class PersonRequired extends AppError {
  override readonly name = 'PersonRequired';
  readonly code = 'person_required';
  readonly retryable = false;
  override readonly httpStatus = 403;

  constructor(verb: string) {
    super(
      `Only people may ask for '${verb}' here (PERSON_REQUIRED_FOR). Call with the token of a person who signed in, not of an application.`,
    );
  }
}
