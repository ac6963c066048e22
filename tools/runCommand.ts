import { AppError } from '../src/runtime/AppError.ts';

/** The operator asked for something that cannot be done; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs a command and ends the process: 0 when it worked, 1 with one clear sentence when it did not. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const isExpected = error instanceof AppError || error instanceof UsageError;
    console.error(isExpected ? error.message : error);
    process.exitCode = 1;
  }
}
