import { AppError } from '../runtime/AppError.ts';

/** As many actions as are allowed began in the past hour. */
export class ActionCapReached extends AppError {
  override readonly name = 'ActionCapReached';
  readonly code = 'action_cap_reached';
  readonly retryable = true;
  override readonly httpStatus = 429;

  constructor(setting: string, cap: number, retryAfterMs: number) {
    super(`${cap} such actions began within an hour, which is all that ${setting} allows.`, { retryAfterMs });
  }
}
