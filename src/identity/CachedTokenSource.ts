import type { Clock } from '../runtime/Clock.ts';
import { CredentialUnavailable } from './CredentialUnavailable.ts';
import type { TokenSource } from './TokenSource.ts';
import { untilAborted } from './untilAborted.ts';

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
const MINUTE_MS = 60_000;
/** How often a minute a token is replaced at most that a resource did not accept. */
const MAX_REPLACEMENTS = 10;

interface Entry {
  current?: IssuedToken & { readonly renewAt: number };
  pending?: Promise<IssuedToken>;
  /** When refused tokens were replaced in the last minute. */
  replacedAt?: readonly number[];
}

/**
 * Keeps one token per audience, asks once for concurrent callers, and renews before expiry. While a renewal fails, the
 * old token serves as long as it is valid, so that a short outage of Entra goes unnoticed.
 *
 * A token that a resource refused is replaced at once, ten times a minute at most. One that only lacks a permission is
 * replaced once a minute: a role that is missing does not appear faster by asking Entra at every call.
 */
export class CachedTokenSource implements TokenSource {
  readonly #entries = new Map<string, Entry>();
  readonly #acquire: AcquireToken;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  /** @param timeoutMs after which a token that does not come counts as not available. */
  constructor(acquire: AcquireToken, clock: Clock, timeoutMs = ACQUIRE_TIMEOUT_MS) {
    this.#acquire = acquire;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  async getToken(
    audience: string,
    signal: AbortSignal,
    refused?: string,
    isInsufficient = false,
  ): Promise<string> {
    signal.throwIfAborted();
    let entry = this.#entries.get(audience);
    if (!entry) this.#entries.set(audience, (entry = {}));
    const usable = this.#isToReplace(entry, refused, isInsufficient) ? undefined : entry.current;
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

  #isToReplace(entry: Entry, refused: string | undefined, isInsufficient: boolean): boolean {
    if (refused === undefined || entry.current?.token !== refused) return false;
    // Whoever comes while it is being replaced waits for that.
    if (entry.pending) return true;
    const now = this.#clock.now();
    const recent = (entry.replacedAt ?? []).filter((at) => now - at < MINUTE_MS);
    if (recent.length >= (isInsufficient ? 1 : MAX_REPLACEMENTS)) return false;
    entry.replacedAt = [...recent, now];
    return true;
  }

  async #renew(audience: string, entry: Entry): Promise<IssuedToken> {
    try {
      const issued = await this.#acquireInTime(audience);
      const lifetimeMs = issued.expiresOnTimestamp - this.#clock.now();
      // A short-lived token is used for half its life rather than asked for at every call.
      const renewAt = issued.expiresOnTimestamp - Math.min(RENEW_BEFORE_EXPIRY_MS, lifetimeMs / 2);
      entry.current = { ...issued, renewAt };
      return issued;
    } finally {
      delete entry.pending;
    }
  }

  /** The SDK waits for an answer for ever, whatever the signal says; whoever shares the request must not. */
  async #acquireInTime(audience: string): Promise<IssuedToken> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await untilAborted(this.#acquire(audience, signal), signal);
    } catch (error) {
      throw error === signal.reason ? new CredentialUnavailable(audience, error) : error;
    }
  }
}
