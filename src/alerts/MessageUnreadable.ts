import { AppError } from '../runtime/AppError.ts';

/** A message of the queue `alerts` is not one that the pull wrote, or belongs to a release that this one does not know. */
export class MessageUnreadable extends AppError {
  override readonly name = 'MessageUnreadable';
  readonly code = 'message_unreadable';
  readonly retryable = false;

  constructor(why: string) {
    super(
      `Deliver alert: the queue message cannot be read: ${why}. Look at it in the queue 'alerts-poison'; ` +
        'only the pull may write to the queue.',
    );
  }
}
