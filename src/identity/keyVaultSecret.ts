import { SecretClient } from '@azure/keyvault-secrets';
import type { TokenCredential } from '@azure/identity';
import { isLoopback } from '../settings/settingTypes.ts';
import type { ReadSecret } from './SecretReader.ts';
import { SecretUnavailable } from './SecretUnavailable.ts';
import { toCredentialError } from './toCredentialError.ts';
import { untilAborted } from './untilAborted.ts';

export interface KeyVaultReaderInit {
  readonly vaultUrl: string;
  /** Of the secret, or of the certificate, which is read as the secret of its name. */
  readonly name: string;
  /** The setting that names it, for error messages. */
  readonly setting: string;
  readonly credential: TokenCredential;
}

/** Reads one secret of a vault. Source: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret */
export function createKeyVaultReader({
  vaultUrl,
  name,
  setting,
  credential,
}: KeyVaultReaderInit): ReadSecret {
  const client = new SecretClient(vaultUrl, credential, {
    // The SDK expects a challenge to name a resource in the vault's own domain, which a local stand-in has not.
    disableChallengeResourceVerification: isLoopback(new URL(vaultUrl)),
  });
  return async (signal) => {
    try {
      // Raced: while the SDK waits for a token of the identity, it does not look at the signal.
      const reading = client.getSecret(name, { abortSignal: signal });
      const { value, properties } = await untilAborted(reading, signal);
      if (value === undefined) throw new Error('The secret has no value.');
      const { version = '', contentType, expiresOn } = properties;
      return { value, version, contentType, expiresOn: expiresOn?.getTime() };
    } catch (error) {
      if (!isTimeout(signal.reason)) signal.throwIfAborted();
      // Without a token for the vault nothing was asked of it, and its address is not what to look at.
      if (isAboutSigningIn(error)) throw toCredentialError('Key Vault as the managed identity', error);
      throw new SecretUnavailable({ secretName: name, setting, ...readFailure(error), cause: error });
    }
  };
}

/** Time that ran out is the vault's silence, and not that the caller has left. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

function isAboutSigningIn(error: unknown): boolean {
  const names = ['CredentialUnavailableError', 'AuthenticationRequiredError', 'AuthenticationError'];
  return error instanceof Error && names.includes(error.name);
}

function readFailure(error: unknown) {
  const { statusCode, code, details, response } = error as {
    statusCode?: unknown;
    code?: unknown;
    details?: { error?: { innerError?: { code?: unknown } | null } | null };
    response?: { headers?: { get?: (name: string) => string | undefined } };
  };
  const reason = details?.error?.innerError?.code;
  return {
    status: typeof statusCode === 'number' ? statusCode : undefined,
    serviceCode: typeof code === 'string' ? code : undefined,
    reason: typeof reason === 'string' && /^\w{1,80}$/.test(reason) ? reason : undefined,
    requestId: response?.headers?.get?.('x-ms-request-id'),
  };
}
