/**
 * The host or the app cannot start or go on, and the message says why in words meant for the person at the terminal.
 *
 * Print the message alone: a stack adds nothing to it. Anything else that is thrown is a fault of the host itself.
 */
export class LocalHostError extends Error {
  override readonly name = 'LocalHostError';
}

/** The message of anything that was thrown; something that is not an `Error` is printed as text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
