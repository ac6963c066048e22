import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../runtime/Clock.ts';
import { SigningKeysUnavailable } from './SigningKeysUnavailable.ts';

const TIMEOUT_MS = 5_000;
/** Entra may withdraw a key; this is how long one that we have is trusted. */
const MAX_AGE_MS = 60 * 60_000;
/** Tokens with made-up key ids must not make us flood Entra. */
const MIN_RELOAD_INTERVAL_MS = 1_000;

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;

/** What Entra's discovery document says. */
interface Discovered {
  readonly issuer: string;
  readonly keys: RemoteKeys;
}

/**
 * The keys with which Entra signs tokens, read once and again when a token names a key that is not among them.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export class SigningKeys {
  readonly #discoveryUrl: string;
  readonly #clock: Clock;
  #discovered: Promise<Discovered> | undefined;
  #reload: Promise<void> | undefined;
  #reloadedAt = -Infinity;

  constructor(authorityHost: string, tenantId: string, clock: Clock) {
    this.#discoveryUrl = `${authorityHost}/${tenantId}/v2.0/.well-known/openid-configuration`;
    this.#clock = clock;
  }

  /** The issuer that the discovery document names. @throws SigningKeysUnavailable */
  async issuer(): Promise<string> {
    return (await this.#discover()).issuer;
  }

  /**
   * Finds the key that a token names.
   * @throws SigningKeysUnavailable when it cannot be asked for; JWKSNoMatchingKey when there is none.
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (header.kid === undefined) throw new errors.JWKSNoMatchingKey();
    const { keys } = await this.#discover();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw toUnavailable(error);
    }
    await this.#reloadOnce(keys);
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      throw toUnavailable(error);
    }
  };

  async #discover(): Promise<Discovered> {
    this.#discovered ??= discover(this.#discoveryUrl).catch((error: unknown) => {
      this.#discovered = undefined;
      throw toUnavailable(error);
    });
    return await this.#discovered;
  }

  /** One reload for all that wait, and not before the last one has some age: a made-up key id only waits itself. */
  async #reloadOnce(keys: RemoteKeys): Promise<void> {
    this.#reload ??= this.#reloadAfterPause(keys).finally(() => {
      this.#reload = undefined;
    });
    await this.#reload;
  }

  async #reloadAfterPause(keys: RemoteKeys): Promise<void> {
    const waitMs = this.#reloadedAt + MIN_RELOAD_INTERVAL_MS - this.#clock.now();
    if (waitMs > 0) await this.#clock.sleep(waitMs, AbortSignal.timeout(TIMEOUT_MS));
    this.#reloadedAt = this.#clock.now();
    try {
      await keys.reload();
    } catch (error) {
      throw toUnavailable(error);
    }
  }
}

async function discover(url: string): Promise<Discovered> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`The discovery document is answered with ${response.status}.`);
  const { issuer, jwks_uri: keysUrl } = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (typeof issuer !== 'string' || typeof keysUrl !== 'string') {
    throw new Error('The discovery document lacks issuer or jwks_uri.');
  }
  const keys = createRemoteJWKSet(new URL(keysUrl), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: MAX_AGE_MS,
    // Reloading for an unknown key is ours, above.
    cooldownDuration: Infinity,
  });
  return { issuer, keys };
}

function toUnavailable(error: unknown): Error {
  return error instanceof SigningKeysUnavailable ? error : new SigningKeysUnavailable(error);
}
