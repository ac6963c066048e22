/** How long one storage call may take, the SDK's own retries included. */
const STORAGE_TIMEOUT_MS = 60_000;

/** Follows `signal`, and fires when a storage call takes too long. */
export function withDeadline(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(STORAGE_TIMEOUT_MS)]);
}
