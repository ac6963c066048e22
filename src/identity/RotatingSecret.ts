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

interface Refusal {
  readonly version: string;
  readonly error: CredentialRefused;
  readonly at: number;
}

/**
 * Gets tokens with a secret that may be rotated at any time: when Entra refuses it, the vault is read again, and a newer
 * version is tried at once. Without a newer version the refusal stands, and neither Entra nor the vault is hammered.
 */
export function createRotatingSecret(init: RotatingSecretInit): AcquireToken {
  const { readSecret, request, clock, logger } = init;
  let current: Secret | undefined;
  let reading: Promise<Secret> | undefined;
  let refusal: Refusal | undefined;
  /** When the vault was last read without giving a version that Entra takes. */
  let readInVainAt = -Infinity;

  /** One read for all who want it at the same time. */
  function read(signal: AbortSignal): Promise<Secret> {
    reading ??= readSecret(signal)
      .then((secret) => (current = secret))
      .finally(() => (reading = undefined));
    return reading;
  }

  /** Another version than the refused one, if the vault has one. */
  async function findOther(version: string, signal: AbortSignal): Promise<Secret | undefined> {
    if (current && current.version !== version) return current;
    if (!reading && clock.now() - readInVainAt < REREAD_INTERVAL_MS) return undefined;
    const newest = await read(signal);
    if (newest.version !== version) return newest;
    readInVainAt = clock.now();
    return undefined;
  }

  async function ask(secret: Secret, audience: string, signal: AbortSignal): Promise<IssuedToken> {
    try {
      return await request(secret, audience, signal);
    } catch (error) {
      if (isInvalidClient(error)) refusal = { version: secret.version, error, at: clock.now() };
      throw error;
    }
  }

  return async (audience, signal) => {
    const isFresh = current === undefined;
    const secret = current ?? (await read(signal));
    const standing = refusal?.version === secret.version && clock.now() - refusal.at <= REFUSED_PAUSE_MS;
    let error: unknown = refusal?.error;
    if (!standing) {
      try {
        return await ask(secret, audience, signal);
      } catch (failure) {
        if (!isInvalidClient(failure)) throw failure;
        if (isFresh) readInVainAt = clock.now();
        error = failure;
      }
    }
    const other = await findOther(secret.version, signal);
    if (!other) throw error;
    logger.warn('credential_secret_rotated', { version: other.version });
    return await ask(other, audience, signal);
  };
}

function isInvalidClient(error: unknown): error is CredentialRefused {
  return error instanceof CredentialRefused && error.error === INVALID_CLIENT;
}
