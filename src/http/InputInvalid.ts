import { AppError } from '../runtime/AppError.ts';

/** One thing that is wrong with a request. */
export interface InputFault {
  /** Which part: `body.comment`, `query.dryRun`, `header.Idempotency-Key`. */
  readonly target: string;
  readonly message: string;
}

/** The request cannot be understood; every fault is named. Nothing was stored and nothing was sent. */
export class InputInvalid extends AppError {
  override readonly name = 'InputInvalid';
  readonly code = 'input_invalid';
  readonly retryable = false;
  override readonly httpStatus = 400;
  readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super(`Correct the request: ${faults.map(({ target, message }) => `${target} ${message}`).join('; ')}.`);
    this.faults = faults;
  }
}
