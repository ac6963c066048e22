import { ClientSecretCredential } from '@azure/identity';
import { CredentialRefused } from '../src/identity/CredentialRefused.ts';
import { toCredentialError } from '../src/identity/toCredentialError.ts';
import type { Clock } from '../src/runtime/Clock.ts';
import { isLoopback } from '../src/settings/settingTypes.ts';
import { UsageError } from './runCommand.ts';

export interface SecretTrial {
  readonly tenantId: string;
  readonly clientId: string;
  readonly authorityHost: string;
  /** Any resource will do; Graph is in every tenant. */
  readonly audience: string;
  readonly clock: Clock;
}

/** A new secret takes seconds, at times minutes, to be known to all of Entra. */
const PATIENCE_MS = 3 * 60_000;
const PAUSE_MS = 5_000;

/**
 * Signs in with a secret until Entra knows it: the app must not read one that does not work yet.
 *
 * Other refusals (no consent, conditional access for this machine) say nothing about the secret and end the wait.
 */
export function untilSecretAccepted({ tenantId, clientId, authorityHost, audience, clock }: SecretTrial) {
  const options = { authorityHost, disableInstanceDiscovery: isLoopback(new URL(authorityHost)) };
  return async (secretText: string, signal: AbortSignal): Promise<void> => {
    for (const end = clock.now() + PATIENCE_MS; ;) {
      try {
        // A new one each time: a credential keeps what it was told.
        const credential = new ClientSecretCredential(tenantId, clientId, secretText, options);
        await credential.getToken(`${audience}/.default`, { abortSignal: signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        const refusal = toCredentialError('Microsoft Graph', error);
        if (refusal instanceof CredentialRefused && refusal.error !== 'invalid_client') return;
        if (clock.now() >= end)
          throw new UsageError('Entra does not take the new secret, so it was not put into Key Vault.');
      }
      await clock.sleep(PAUSE_MS, signal);
    }
  };
}
