import { AppError } from '../runtime/AppError.ts';

/**
 * Defender answered with success, but the body is not what is documented: cut off, not JSON, or of another form.
 * An answer with an error status is DefenderHttpError instead.
 */
export class DefenderAnswerUnreadable extends AppError {
  override readonly name = 'DefenderAnswerUnreadable';
  readonly code = 'defender_answer_unreadable';
  readonly retryable = true;
  override readonly httpStatus = 502;

  constructor(operation: string, why: string, requestId?: string) {
    super(
      `${operation}: the answer cannot be read: ${why}. If it stays so, a proxy may be changing answers.`,
      {
        requestId,
      },
    );
  }
}
