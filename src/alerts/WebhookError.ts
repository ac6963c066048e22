import { AppError } from '../runtime/AppError.ts';

export interface WebhookErrorInit {
  /** Undefined when there was no answer. */
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The webhook did not take an alert. The message never contains its URL, which is a secret. */
export class WebhookError extends AppError {
  override readonly name = 'WebhookError';
  readonly code = 'webhook_failed';
  readonly status: number | undefined;

  constructor({ status, requestId, retryAfterMs, cause }: WebhookErrorInit) {
    const answer = status === undefined ? 'gave no answer' : `answered ${status}`;
    super(
      `Deliver alert: the webhook ${answer}. Check ALERT_WEBHOOK_URL and what it calls; alerts that were not delivered ` +
        'wait in the queue or lie in its poison queue.',
      { cause, requestId, retryAfterMs },
    );
    this.status = status;
  }

  get retryable(): boolean {
    return this.status === undefined || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}
