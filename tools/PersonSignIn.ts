import {
  AzureCliCredential,
  DeviceCodeCredential,
  type DeviceCodeInfo,
  type TokenCredential,
} from '@azure/identity';
import { authorityOptions } from '../src/identity/acquireWith.ts';
import { CachedTokenSource } from '../src/identity/CachedTokenSource.ts';
import { toCredentialError } from '../src/identity/toCredentialError.ts';
import type { TokenSource } from '../src/identity/TokenSource.ts';
import type { Clock } from '../src/runtime/Clock.ts';
import type { TerminalSettings } from './parseTerminalSettings.ts';
import { UsageError } from './runCommand.ts';

/** As whom a command talks to Defender. */
export interface PersonSignIn {
  /** For people to read. */
  readonly how: string;
  /**
   * Signs in for one API. Must be awaited before tokens are asked for; those of other APIs then come without a second
   * sign-in.
   * @throws CredentialRefused, CredentialUnavailable, UsageError
   */
  signIn(audience: string, signal: AbortSignal): Promise<void>;
  readonly tokens: TokenSource;
}

type SignInSettings = Pick<TerminalSettings, 'tenantId' | 'authorityHost' | 'publicClientId'>;

/**
 * By device code: the person opens a page on any device and enters a code.
 * @param prompt gets Microsoft's own words, with the page and the code.
 * @throws UsageError where the deployment has no public client.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
export function signInByDeviceCode(
  { tenantId, authorityHost, publicClientId }: SignInSettings,
  prompt: (message: string) => void,
  clock: Clock,
): PersonSignIn {
  if (publicClientId === undefined) {
    throw new UsageError(
      "Set PUBLIC_CLIENT_ID to the public client that the deployment registered (docs/deploy.md), or use the Azure CLI's sign-in with --az.",
    );
  }
  const credential = new DeviceCodeCredential({
    tenantId,
    clientId: publicClientId,
    ...authorityOptions(authorityHost),
    // Otherwise each API whose token does not come silently would ask for another sign-in.
    disableAutomaticAuthentication: true,
    userPromptCallback: ({ message }: DeviceCodeInfo) => {
      prompt(message);
    },
  });
  const who = `in tenant ${tenantId} as the public client ${publicClientId} (PUBLIC_CLIENT_ID)`;
  return {
    how: `device code, public client ${publicClientId}`,
    async signIn(audience, signal) {
      try {
        await credential.authenticate(`${audience}/.default`, { abortSignal: signal });
      } catch (error) {
        signal.throwIfAborted();
        throw toCredentialError(`${audience} ${who}`, error);
      }
    },
    tokens: keepTokens(
      credential,
      () =>
        `an administrator must consent to the public client's permissions, or Conditional Access asks for more: ${authorityHost}/${tenantId}/adminconsent?client_id=${publicClientId}`,
      clock,
    ),
  };
}

/**
 * By whoever signed in with `az login`. The Azure CLI is an application of Microsoft's with scopes of its own, which few
 * tenants extend to Defender; `whoami` shows what its tokens carry.
 * Source: https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
 */
export function signInByAzureCli({ tenantId }: SignInSettings, clock: Clock): PersonSignIn {
  const next = `sign in with: az login --tenant ${tenantId}`;
  const tokens = keepTokens(new AzureCliCredential({ tenantId }), () => next, clock);
  return {
    how: 'Azure CLI',
    async signIn(audience, signal) {
      await tokens.getToken(audience, signal);
    },
    tokens,
  };
}

function keepTokens(credential: TokenCredential, advice: () => string, clock: Clock): TokenSource {
  return new CachedTokenSource(async (audience, signal) => {
    try {
      const token = await credential.getToken(`${audience}/.default`, { abortSignal: signal });
      if (!token) throw new Error('The credential gave no token.');
      return token;
    } catch (error) {
      signal.throwIfAborted();
      // What the SDK says of its own names its internals, and an output of the Azure CLI may be anything.
      throw new UsageError(`There is no token for ${audience}: ${advice()}`, { cause: error });
    }
  }, clock);
}
