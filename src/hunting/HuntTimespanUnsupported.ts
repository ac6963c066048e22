import { AppError } from '../runtime/AppError.ts';

/** The chosen hunting API takes no time span beside the query. */
export class HuntTimespanUnsupported extends AppError {
  override readonly name = 'HuntTimespanUnsupported';
  readonly code = 'hunt_timespan_unsupported';
  readonly retryable = false;
  override readonly httpStatus = 400;

  constructor(api: string) {
    super(`HUNTING_API=${api} takes no timespan. Filter on Timestamp in the query, or use graph.`);
  }
}
