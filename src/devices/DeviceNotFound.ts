import { AppError } from '../runtime/AppError.ts';

/** No device has this very id or name. */
export class DeviceNotFound extends AppError {
  override readonly name = 'DeviceNotFound';
  readonly code = 'device_not_found';
  readonly retryable = false;
  override readonly httpStatus = 404;

  constructor(identifier: string) {
    super(
      `No device is named '${identifier}'. Names are compared whole: give the full DNS name, the Entra device id or ` +
        "Defender's device id.",
    );
  }
}
