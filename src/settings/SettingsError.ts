import { AppError } from '../runtime/AppError.ts';

/** One or more app settings are missing or wrong; the message names each with what to do. */
export class SettingsError extends AppError {
  override readonly name = 'SettingsError';
  readonly code = 'settings_invalid';
  readonly retryable = false;
  override readonly httpStatus = 503;
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`Correct these app settings: ${faults.join('; ')}. README.md explains each.`);
    this.faults = faults;
  }
}
