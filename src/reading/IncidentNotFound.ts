import { AppError } from '../runtime/AppError.ts';

/** No incident has this id, or none that the identity may see. */
export class IncidentNotFound extends AppError {
  override readonly name = 'IncidentNotFound';
  readonly code = 'incident_not_found';
  readonly retryable = false;
  override readonly httpStatus = 404;

  constructor(id: string) {
    super(
      `There is no incident '${id}' in this tenant, or none that may be seen here. Take the id from a list of incidents or from an alert.`,
    );
  }
}
