import {
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  type TokenCredentialOptions,
} from '@azure/identity';
import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import { isLoopback } from '../settings/settingTypes.ts';
import type { IdentitySettings } from '../settings/parseSettings.ts';
import { CachedTokenSource, type AcquireToken } from './CachedTokenSource.ts';
import { createKeyVaultReader } from './keyVaultSecret.ts';
import { createRotatingSecret } from './RotatingSecret.ts';
import { toCredentialError } from './toCredentialError.ts';
import type { TokenSource } from './TokenSource.ts';

/** The managed identity of this app, for the resources in Azure that know it. */
export function createManagedIdentity(clientId: string | undefined): TokenCredential {
  return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
}

/** Tokens by the credential that the settings choose. */
export function createTokenSource(settings: IdentitySettings, clock: Clock, logger: Logger): TokenSource {
  const managedIdentity = createManagedIdentity(settings.managedIdentityClientId);
  const { clientSecret } = settings;
  if (!clientSecret) return new CachedTokenSource(acquireWith(managedIdentity), clock);

  const { clientId, vaultUrl, secretName } = clientSecret;
  const acquire = createRotatingSecret({
    readSecret: createKeyVaultReader(vaultUrl, secretName, managedIdentity),
    // A new credential each time: each keeps a cache that would give a refused token again. Ours stands above it.
    request: (secret, audience, signal) =>
      acquireWith(
        new ClientSecretCredential(
          settings.tenantId,
          clientId,
          secret.value,
          authorityOptions(settings.authorityHost),
        ),
      )(audience, signal),
    clock,
    logger,
  });
  return new CachedTokenSource(acquire, clock);
}

function authorityOptions(
  authorityHost: string,
): TokenCredentialOptions & { disableInstanceDiscovery: boolean } {
  // Discovery asks Microsoft's public cloud whether the authority exists, which a local stand-in does not.
  return { authorityHost, disableInstanceDiscovery: isLoopback(new URL(authorityHost)) };
}

function acquireWith(credential: TokenCredential): AcquireToken {
  return async (audience, signal) => {
    try {
      const token = await credential.getToken(`${audience}/.default`, { abortSignal: signal });
      if (!token) throw new Error('The credential gave no token.');
      return token;
    } catch (error) {
      signal.throwIfAborted();
      throw toCredentialError(audience, error);
    }
  };
}
