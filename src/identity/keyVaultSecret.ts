import { SecretClient } from '@azure/keyvault-secrets';
import type { TokenCredential } from '@azure/identity';
import { isLoopback } from '../settings/settingTypes.ts';
import type { ReadSecret } from './SecretReader.ts';
import { SecretUnavailable } from './SecretUnavailable.ts';
import { toCredentialError } from './toCredentialError.ts';

/** Reads the secret `secretName` of the vault at `vaultUrl` with the given credential. */
export function createKeyVaultReader(
  vaultUrl: string,
  secretName: string,
  credential: TokenCredential,
): ReadSecret {
  const client = new SecretClient(vaultUrl, credential, {
    // The SDK expects a challenge to name a resource in the vault's own domain, which a local stand-in has not.
    disableChallengeResourceVerification: isLoopback(new URL(vaultUrl)),
  });
  return async (signal) => {
    try {
      const { value, properties } = await client.getSecret(secretName, { abortSignal: signal });
      if (value === undefined) throw new Error('The secret has no value.');
      return { value, version: properties.version ?? '' };
    } catch (error) {
      signal.throwIfAborted();
      // Without a token for the vault nothing was asked of it, and its address is not what to look at.
      if (isAboutSigningIn(error)) throw toCredentialError('Key Vault', error);
      throw new SecretUnavailable({ secretName, ...readFailure(error), cause: error });
    }
  };
}

function isAboutSigningIn(error: unknown): boolean {
  const names = ['CredentialUnavailableError', 'AuthenticationRequiredError', 'AuthenticationError'];
  return error instanceof Error && names.includes(error.name);
}

function readFailure(error: unknown) {
  const { statusCode, code, response } = error as {
    statusCode?: unknown;
    code?: unknown;
    response?: { headers?: { get?: (name: string) => string | undefined } };
  };
  return {
    status: typeof statusCode === 'number' ? statusCode : undefined,
    serviceCode: typeof code === 'string' ? code : undefined,
    requestId: response?.headers?.get?.('x-ms-request-id'),
  };
}
