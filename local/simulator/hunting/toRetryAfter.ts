import type { HuntingError } from './HuntingError.ts';

/** The value of `Retry-After`, in whole seconds. */
export function toRetryAfter({ retryAfterMs = 0 }: HuntingError): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
}
