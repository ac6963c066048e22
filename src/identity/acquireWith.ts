import type { TokenCredential, TokenCredentialOptions } from '@azure/identity';
import { isLoopback } from '../settings/settingTypes.ts';
import type { IssuedToken } from './CachedTokenSource.ts';
import { toCredentialError } from './toCredentialError.ts';

export interface TokenRequest {
  readonly audience: string;
  /** Who asks, and where: "<audience> <who>" is what error messages speak of. */
  readonly who: string;
  readonly signal: AbortSignal;
}

/** One token, asked for anew. @throws CredentialRefused, CredentialUnavailable */
export async function acquireWith(
  credential: TokenCredential,
  { audience, who, signal }: TokenRequest,
): Promise<IssuedToken> {
  try {
    const token = await credential.getToken(`${audience}/.default`, { abortSignal: signal });
    if (!token) throw new Error('The credential gave no token.');
    return token;
  } catch (error) {
    signal.throwIfAborted();
    throw toCredentialError(`${audience} ${who}`, error);
  }
}

/** How the credentials of the SDK reach Entra. */
export function authorityOptions(
  authorityHost: string,
): TokenCredentialOptions & { disableInstanceDiscovery: boolean } {
  // Discovery asks Microsoft's public cloud whether the authority exists, which a local stand-in does not.
  return { authorityHost, disableInstanceDiscovery: isLoopback(new URL(authorityHost)) };
}
