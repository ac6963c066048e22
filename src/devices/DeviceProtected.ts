import { AppError } from '../runtime/AppError.ts';

/** A rule keeps this device from being isolated, or the rule could not be checked. */
export class DeviceProtected extends AppError {
  override readonly name = 'DeviceProtected';
  readonly code = 'device_protected';
  readonly retryable = false;
  override readonly httpStatus = 422;
  readonly rule: string;

  constructor(id: string, rule: string) {
    super(
      `The device ${id} is protected by the rule ${rule}. Isolate it in the Defender portal, or change the rule.`,
    );
    this.rule = rule;
  }

  override get members(): Readonly<Record<string, unknown>> {
    return { rule: this.rule };
  }
}
