import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import { CredentialRefused } from './CredentialRefused.ts';
import type { AcquireToken, IssuedToken } from './CachedTokenSource.ts';
import type { ReadSecret, Secret } from './SecretReader.ts';

/** Entra's `error` for a secret that is wrong or expired. */
const INVALID_CLIENT = 'invalid_client';
/** How long a secret that Entra refused is not shown to it again, unless the vault has a newer one. */
const REFUSED_PAUSE_MS = 5 * 60_000;
/** How often the vault is asked meanwhile. */
const REREAD_INTERVAL_MS = 60_000;

export interface RotatingSecretInit {
  readonly readSecret: ReadSecret;
  /** Asks Entra with this secret. */
  readonly request: (secret: Secret, audience: string, signal: AbortSignal) => Promise<IssuedToken>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Gets tokens with a secret that may be rotated at any time: when Entra refuses it, the vault is read again, and a newer
 * version is tried at once. Without a newer version the refusal stands and neither Entra nor the vault is hammered.
 */
export function createRotatingSecret({
  readSecret,
  request,
  clock,
  logger,
}: RotatingSecretInit): AcquireToken {
  let current: Promise<Secret> | undefined;
  let readAt = 0;
  let refusal:
    { readonly version: string; readonly error: CredentialRefused; readonly at: number } | undefined;

  function read(signal: AbortSignal): Promise<Secret> {
    readAt = clock.now();
    current = readSecret(signal).catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  }

  async function standingRefusal(secret: Secret, signal: AbortSignal): Promise<Secret> {
    if (refusal?.version !== secret.version || clock.now() - refusal.at > REFUSED_PAUSE_MS) return secret;
    const newest = clock.now() - readAt >= REREAD_INTERVAL_MS ? await read(signal) : secret;
    if (newest.version === refusal.version) throw refusal.error;
    return newest;
  }

  async function requestNoting(secret: Secret, audience: string, signal: AbortSignal): Promise<IssuedToken> {
    try {
      return await request(secret, audience, signal);
    } catch (error) {
      if (isInvalidClient(error)) refusal = { version: secret.version, error, at: clock.now() };
      throw error;
    }
  }

  return async (audience, signal) => {
    const wasCached = current !== undefined;
    const secret = await standingRefusal(await (current ?? read(signal)), signal);
    try {
      return await requestNoting(secret, audience, signal);
    } catch (error) {
      if (!isInvalidClient(error) || !wasCached) throw error;
      const newest = await read(signal);
      if (newest.version === secret.version) throw error;
      logger.warn('credential_secret_rotated', { version: newest.version });
      return await requestNoting(newest, audience, signal);
    }
  };
}

function isInvalidClient(error: unknown): error is CredentialRefused {
  return error instanceof CredentialRefused && error.error === INVALID_CLIENT;
}
