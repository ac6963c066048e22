import { AppError } from '../runtime/AppError.ts';
import type { DeviceView } from './deviceView.ts';

/** A name or Entra device id does not lead to exactly one active device; none is chosen. */
export class DeviceAmbiguous extends AppError {
  override readonly name = 'DeviceAmbiguous';
  readonly code = 'device_ambiguous';
  readonly retryable = false;
  override readonly httpStatus = 409;
  readonly candidates: readonly DeviceView[];

  constructor(identifier: string, candidates: readonly DeviceView[]) {
    const active = candidates.filter(({ isActive }) => isActive).length;
    super(
      `${active === 0 ? 'No active device' : `${active} active devices`} of ${candidates.length} records named ` +
        `'${identifier}'. Choose one of the candidates by its Defender device id.`,
    );
    this.candidates = candidates;
  }

  override get members(): Readonly<Record<string, unknown>> {
    return { candidates: this.candidates };
  }
}
