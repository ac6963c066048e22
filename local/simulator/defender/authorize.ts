import type { Estate } from '../company/Estate.ts';
import {
  TokenError,
  verifyAccessToken,
  type AccessClaims,
  type TokenAuthority,
} from '../entra/accessToken.ts';
import { findResource, microsoftThreatProtection, windowsDefenderAtp } from '../entra/resources.ts';
import type { Call } from '../http/Call.ts';
import { defenderErrors, defenderRefusal } from './defenderRefusal.ts';
import { AccessDenied, judgeCaller, type Access } from './roles/judgeCaller.ts';
import type { Viewpoint } from './roles/Viewpoint.ts';

/** Checks the bearer token of a call; throws a 401 refusal. */
export async function authenticate(authority: TokenAuthority, call: Call): Promise<AccessClaims> {
  const token = /^Bearer (\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  if (token === undefined) throw defenderRefusal(defenderErrors.unauthorized('A bearer token is missing.'));
  try {
    const claims = await verifyAccessToken(authority, token);
    checkAudience(claims.aud);
    call.principal = claims.appid;
    return claims;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw defenderRefusal(defenderErrors.unauthorized(error.message));
  }
}

/**
 * Tokens for Defender XDR pass here, because both products share a host; they carry no role that would let them further,
 * which is why a wrong audience so often shows as 403.
 */
function checkAudience(audience: string): void {
  const resource = findResource(audience);
  if (resource !== windowsDefenderAtp && resource !== microsoftThreatProtection) {
    throw new TokenError(`The audience ${audience} is not accepted.`);
  }
}

/** What the caller may see; throws a 403 refusal when it may not make this call. */
export function authorize(claims: AccessClaims, access: Access, estate: Estate): Viewpoint {
  try {
    return judgeCaller(claims, access, estate);
  } catch (error) {
    if (error instanceof AccessDenied) throw defenderRefusal(defenderErrors.forbidden(error.message));
    throw error;
  }
}
