import { AppError } from '../runtime/AppError.ts';

/** The kind of isolation does not fit the device: one is for onboarded devices, the other for those that are not. */
export class DeviceUnsuitable extends AppError {
  override readonly name = 'DeviceUnsuitable';
  readonly code = 'device_unsuitable';
  readonly retryable = false;
  override readonly httpStatus = 422;

  constructor(id: string, isOnboarded: boolean) {
    super(
      isOnboarded
        ? `The device ${id} is onboarded: isolate it with isolationType Full or Selective.`
        : `The device ${id} is not onboarded: only isolationType UnManagedDevice can contain it.`,
    );
  }
}
