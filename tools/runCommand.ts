import { AppError } from '../src/runtime/AppError.ts';
import { toText } from './terminalText.ts';

/** The operator asked for something that cannot be done; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs a command and ends the process: 0 when it worked, otherwise with one clear sentence.
 * @param failure what the process then ends with. @default 1
 */
export async function runCommand(command: () => Promise<void>, failure = 1): Promise<void> {
  try {
    await command();
  } catch (error) {
    const isExpected = error instanceof AppError || error instanceof UsageError;
    console.error(isExpected ? toText(error.message) : error);
    process.exitCode = failure;
  }
}
