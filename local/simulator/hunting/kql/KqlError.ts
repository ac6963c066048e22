/** The query is wrong; the message is the language service's where it found the fault. */
export class KqlError extends Error {
  override readonly name = 'KqlError';
}
