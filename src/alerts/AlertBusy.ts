import { AppError } from '../runtime/AppError.ts';

/** Another version of the same alert is being delivered; the queue brings this one again. */
export class AlertBusy extends AppError {
  override readonly name = 'AlertBusy';
  readonly code = 'alert_busy';
  readonly retryable = true;

  constructor(alertId: string) {
    super(
      `Deliver alert: another version of alert ${alertId} is being delivered. The queue brings this one again.`,
    );
  }
}
