/** Calls `create` at the first call and keeps what it gave; a failure is not kept. */
export function once<T extends object>(create: () => T): () => T {
  let instance: T | undefined;
  return () => (instance ??= create());
}
