import { AppError } from '../runtime/AppError.ts';

/** The pause switch is on. Not to be repeated by itself: whoever resumes should decide what is still wanted. */
export class ActionsPaused extends AppError {
  override readonly name = 'ActionsPaused';
  readonly code = 'actions_paused';
  readonly retryable = false;
  override readonly httpStatus = 422;

  constructor(reason: string) {
    super(`Actions are paused: ${reason}. \`npm run guard -- resume\` lets them run again.`);
  }
}
