/** What a token says of whom it was given to. */
export interface TokenClaims {
  readonly tenantId: string | undefined;
  readonly applicationId: string | undefined;
  /** True for a token that acts for a person. */
  readonly isPerson: boolean;
  /** For people to read. */
  readonly personName: string | undefined;
  /** Delegated scopes; empty in the token of an application. */
  readonly scopes: readonly string[];
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
    const { tid, appid, azp, roles, scp, upn, preferred_username } = claims as Record<string, unknown>;
    const scopes = textOf(scp)?.split(' ').filter(Boolean) ?? [];
    return {
      tenantId: textOf(tid),
      applicationId: textOf(appid) ?? textOf(azp),
      isPerson: scopes.length > 0,
      personName: textOf(upn) ?? textOf(preferred_username),
      scopes,
      roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    };
  } catch {
    return undefined;
  }
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined;
}
