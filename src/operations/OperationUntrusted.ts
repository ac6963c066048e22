import { AppError } from '../runtime/AppError.ts';

/** A stored operation cannot be right: damaged, or of another release. Nothing is done on such ground. */
export class OperationUntrusted extends AppError {
  override readonly name = 'OperationUntrusted';
  readonly code = 'operation_untrusted';
  readonly retryable = false;

  constructor(id: string, why: string) {
    super(
      `Read operation ${id}: ${why}. Look at its row in the table \`operations\`, and at the device in Defender.`,
    );
  }
}
