/**
 * What `work` gives, unless that takes longer than `ms` or `signal` fires before: then its reason is thrown, also when the
 * work does not listen.
 */
export async function inTime<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  limited.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(limited.reason as Error);
  };
  limited.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(limited), ended]);
  } finally {
    limited.removeEventListener('abort', onAbort);
  }
}
