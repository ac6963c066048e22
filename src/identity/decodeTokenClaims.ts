export interface TokenClaims {
  readonly tenantId: string | undefined;
  readonly applicationId: string | undefined;
  /** Application roles; empty when the token carries none. */
  readonly roles: readonly string[];
}

/**
 * What an access token says of itself, unverified, for messages only: who may do what is decided by whoever receives the
 * token. Undefined for a token that is not a JWT; Microsoft allows its resources to use any form.
 */
export function decodeTokenClaims(token: string): TokenClaims | undefined {
  const payload = token.split('.')[1];
  if (!payload) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null) return undefined;
    const { tid, appid, azp, roles } = claims as Record<string, unknown>;
    return {
      tenantId: textOf(tid),
      applicationId: textOf(appid) ?? textOf(azp),
      roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    };
  } catch {
    return undefined;
  }
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined;
}
