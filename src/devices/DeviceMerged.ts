import { AppError } from '../runtime/AppError.ts';

/** The record stands for the device no more: Defender merged it into another one. */
export class DeviceMerged extends AppError {
  override readonly name = 'DeviceMerged';
  readonly code = 'device_merged';
  readonly retryable = false;
  override readonly httpStatus = 409;
  readonly mergedInto: string;

  constructor(id: string, mergedInto: string) {
    super(`The device record ${id} was merged into ${mergedInto}. Look at that one, and use its id.`);
    this.mergedInto = mergedInto;
  }

  override get members(): Readonly<Record<string, unknown>> {
    return { mergedIntoDeviceId: this.mergedInto };
  }
}
