import { AppError } from '../runtime/AppError.ts';

/**
 * The stored checkpoint cannot be right. The pull stops instead of guessing: starting again from now would lose alerts,
 * starting from anywhere else would repeat them.
 */
export class CheckpointUntrusted extends AppError {
  override readonly name = 'CheckpointUntrusted';
  readonly code = 'checkpoint_untrusted';
  readonly retryable = false;

  constructor(tenantId: string, source: string, why: string) {
    super(
      `The checkpoint of tenant ${tenantId}, source ${source} cannot be trusted: ${why}. Look at it with ` +
        '`npm run checkpoint -- show`, then set it to the last instant you are sure of with ' +
        '`npm run checkpoint -- set --watermark <timestamp> --reason "<why>"`; versions handed over before are not repeated.',
    );
  }
}
