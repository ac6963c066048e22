import { AdminConsents } from './AdminConsents.ts';
import { ConditionalAccess } from './ConditionalAccess.ts';
import { DeviceCodes } from './DeviceCodes.ts';
import { RefreshTokens } from './RefreshTokens.ts';
import type { TokenEndpoint } from './TokenEndpoint.ts';

/** An Entra that nobody has signed in to yet. */
export function createTokenEndpoint(
  parts: Pick<TokenEndpoint, 'keys' | 'clock' | 'directory' | 'cloud' | 'callers'>,
): TokenEndpoint {
  return {
    ...parts,
    deviceCodes: new DeviceCodes(),
    refreshTokens: new RefreshTokens(),
    conditionalAccess: new ConditionalAccess(),
    adminConsents: new AdminConsents(),
    multifactorTokens: new Set(),
    tokenLifetimeSeconds: 3599,
    requestedAccessTokenVersion: 2,
  };
}
