/**
 * The query is valid, but uses something that the simulator does not evaluate; the message names it.
 *
 * `KqlError` is for queries that the real service would refuse too.
 */
export class NotSimulatedError extends Error {
  override readonly name = 'NotSimulatedError';
}
