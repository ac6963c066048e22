import { AppError } from '../runtime/AppError.ts';

/** Defender's answer is larger than anything that is documented, and was not read to its end. */
export class DefenderAnswerTooLarge extends AppError {
  override readonly name = 'DefenderAnswerTooLarge';
  readonly code = 'defender_answer_too_large';
  readonly retryable = false;
  override readonly httpStatus = 502;

  constructor(operation: string, maxBytes: number, requestId?: string) {
    super(`${operation}: the answer is larger than ${maxBytes} bytes. Ask for less.`, { requestId });
  }
}
