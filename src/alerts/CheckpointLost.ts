import { AppError } from '../runtime/AppError.ts';

/** Another run changed the checkpoint since this one read it: this run must stop at once and write nothing more. */
export class CheckpointLost extends AppError {
  override readonly name = 'CheckpointLost';
  readonly code = 'checkpoint_lost';
  readonly retryable = false;

  constructor() {
    super('Another run took the checkpoint over; this run stopped. Nothing needs to be done.');
  }
}
