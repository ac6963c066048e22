import { AppError } from '../runtime/AppError.ts';

/** The chosen API refuses, and its announced end has come. */
export class HuntingApiRetired extends AppError {
  override readonly name = 'HuntingApiRetired';
  readonly code = 'hunting_api_retired';
  readonly retryable = false;
  override readonly httpStatus = 502;

  constructor(api: string, stopsOn: string, cause: AppError) {
    super(
      `HUNTING_API=${api} refuses to hunt, and its end was announced for ${stopsOn}. Set HUNTING_API=graph and grant ThreatHunting.Read.All.`,
      { cause, requestId: cause.requestId },
    );
  }
}
