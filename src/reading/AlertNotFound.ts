import { AppError } from '../runtime/AppError.ts';

/** No alert has this id, or none that the identity may see. */
export class AlertNotFound extends AppError {
  override readonly name = 'AlertNotFound';
  readonly code = 'alert_not_found';
  readonly retryable = false;
  override readonly httpStatus = 404;

  constructor(id: string) {
    super(
      `There is no alert '${id}' in this tenant, or none that may be seen here. Take the id from a list of alerts, of the same API (ALERTS_API).`,
    );
  }
}
