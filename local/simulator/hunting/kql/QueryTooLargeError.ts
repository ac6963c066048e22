/** Evaluating the query would take more memory than a simulator should. */
export class QueryTooLargeError extends Error {
  override readonly name = 'QueryTooLargeError';
}
