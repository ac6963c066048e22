import type { Clock } from '../runtime/Clock.ts';
import type { TokenSource } from './TokenSource.ts';

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresOnTimestamp: number;
}

/** Gets a token from Entra or the identity endpoint, without a cache of its own where that can be avoided. */
export type AcquireToken = (audience: string, signal: AbortSignal) => Promise<IssuedToken>;

const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
const USABLE_BEFORE_EXPIRY_MS = 60_000;
const ACQUIRE_TIMEOUT_MS = 60_000;
/** How often at most a token is replaced because a resource does not take it. */
const REPLACE_INTERVAL_MS = 60_000;

interface Entry {
  current?: IssuedToken & { readonly renewAt: number };
  pending?: Promise<IssuedToken>;
  /** When a refused token was last to be replaced. */
  replacedAt?: number;
}

/**
 * Keeps one token per audience, asks once for concurrent callers, and renews before expiry. While a renewal fails, the
 * old token serves as long as it is valid, so that a short outage of Entra goes unnoticed.
 *
 * A token that a resource refused is replaced at once; when the replacement is refused as well, it is given again until a
 * minute has passed: a role that is missing does not appear faster by asking Entra at every call.
 */
export class CachedTokenSource implements TokenSource {
  readonly #entries = new Map<string, Entry>();
  readonly #acquire: AcquireToken;
  readonly #clock: Clock;

  constructor(acquire: AcquireToken, clock: Clock) {
    this.#acquire = acquire;
    this.#clock = clock;
  }

  async getToken(audience: string, signal: AbortSignal, refused?: string): Promise<string> {
    signal.throwIfAborted();
    let entry = this.#entries.get(audience);
    if (!entry) this.#entries.set(audience, (entry = {}));
    const usable = this.#isToReplace(entry, refused) ? undefined : entry.current;
    if (usable && usable.renewAt > this.#clock.now()) return usable.token;

    // Shared by all callers, so no single caller's signal may end it.
    entry.pending ??= this.#renew(audience, entry);
    try {
      return (await untilAborted(entry.pending, signal)).token;
    } catch (error) {
      signal.throwIfAborted();
      if (usable && usable.expiresOnTimestamp - USABLE_BEFORE_EXPIRY_MS > this.#clock.now())
        return usable.token;
      throw error;
    }
  }

  #isToReplace(entry: Entry, refused: string | undefined): boolean {
    if (refused === undefined || entry.current?.token !== refused) return false;
    // Whoever comes while it is being replaced waits for that.
    if (entry.pending) return true;
    const now = this.#clock.now();
    if (entry.replacedAt !== undefined && now - entry.replacedAt < REPLACE_INTERVAL_MS) return false;
    entry.replacedAt = now;
    return true;
  }

  async #renew(audience: string, entry: Entry): Promise<IssuedToken> {
    try {
      const issued = await this.#acquire(audience, AbortSignal.timeout(ACQUIRE_TIMEOUT_MS));
      const lifetimeMs = issued.expiresOnTimestamp - this.#clock.now();
      // A short-lived token is used for half its life rather than asked for at every call.
      const renewAt = issued.expiresOnTimestamp - Math.min(RENEW_BEFORE_EXPIRY_MS, lifetimeMs / 2);
      entry.current = { ...issued, renewAt };
      return issued;
    } finally {
      delete entry.pending;
    }
  }
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
