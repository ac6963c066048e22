import { randomBytes } from 'node:crypto';
import { SignJWT, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import type { ClientMethod } from './authenticateClient.ts';
import { callerApi } from './callerApi.ts';
import { listRoles } from './Directory.ts';
import { notSimulated } from './entraRefusal.ts';
import type { Principal } from './Principal.ts';
import type { Resource } from './resources.ts';
import type { SigningKeys } from './SigningKeys.ts';

/** What Entra signs with, and when. */
export interface TokenAuthority {
  readonly keys: SigningKeys;
  readonly clock: SimulatedClock;
}

/** What a token is asked for. */
export interface TokenOrder {
  readonly principal: Principal;
  readonly resource: Resource;
  /** `aud`: the resource's name as the caller wrote it. */
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** How the application proved itself; the platform vouches for an identity with a certificate. */
  readonly method: ClientMethod;
}

/** The claims that the simulated APIs read. */
export interface AccessClaims {
  readonly aud: string;
  readonly appid: string;
  readonly oid: string;
  readonly tid: string;
  /** The application roles; empty in the token of a person. */
  readonly roles: readonly string[];
  /** The delegated permissions (`scp`); empty in the token of an application. */
  readonly scopes: readonly string[];
  /** The user principal name of the person; undefined in the token of an application. */
  readonly upn: string | undefined;
}

/** Why a token was not accepted. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** The `iss` of the access tokens that first-party APIs receive. */
export function issuerOf(tenantId: string): string {
  return `https://sts.windows.net/${tenantId}/`;
}

/**
 * Signs a version 1 access token: what Microsoft's own APIs receive, also from the v2.0 endpoint.
 * Throws a 501 refusal for the functions' own API, whose tokens are `createCallerClaims`'s.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export async function signAccessToken(authority: TokenAuthority, order: TokenOrder): Promise<string> {
  const { principal, resource, audience, lifetimeSeconds, method } = order;
  if (resource === callerApi) throw notSimulated(`tokens of managed identities for ${audience}`);
  const issuedAt = Math.floor(authority.clock.nowMs() / 1000);
  const roles = listRoles(principal, resource);
  const claims: JWTPayload = {
    aud: audience,
    iss: issuerOf(principal.tenantId),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    appid: principal.appId,
    appidacr: method,
    idp: issuerOf(principal.tenantId),
    idtyp: 'app',
    oid: principal.objectId,
    sub: principal.objectId,
    tid: principal.tenantId,
    ...(roles.length > 0 ? { roles } : {}), // No consent: the claim is missing, not empty.
    uti: randomBytes(16).toString('base64url'),
    ver: '1.0',
  };
  const { kid, privateKey } = authority.keys.current;
  return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: kid, kid }).sign(privateKey);
}

/** Checks signature, issuer and lifetime, and returns the claims; throws `TokenError`. The audience is the caller's to judge. */
export async function verifyAccessToken(authority: TokenAuthority, token: string): Promise<AccessClaims> {
  try {
    const { kid = '' } = decodeProtectedHeader(token);
    const key = authority.keys.findPublicKey(kid);
    if (key === undefined) throw new TokenError('The signing key is not known.');
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['RS256'],
      currentDate: authority.clock.now(),
      requiredClaims: ['aud', 'iss', 'exp', 'nbf', 'appid', 'oid', 'tid'],
    });
    return toClaims(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new TokenError('The token has expired.', { cause: error });
    if (error instanceof TokenError) throw error;
    throw new TokenError('The token is not valid.', { cause: error });
  }
}

function toClaims(payload: JWTPayload): AccessClaims {
  const { aud, iss, appid, oid, tid, roles, scp, upn } = payload;
  if (
    typeof aud !== 'string' ||
    typeof appid !== 'string' ||
    typeof oid !== 'string' ||
    typeof tid !== 'string'
  ) {
    throw new TokenError('A claim has the wrong type.');
  }
  if (iss !== issuerOf(tid)) throw new TokenError('The issuer does not belong to the tenant.');
  return {
    aud,
    appid,
    oid,
    tid,
    roles: Array.isArray(roles) ? roles.map(String) : [],
    scopes: typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '') : [],
    upn: typeof upn === 'string' ? upn : undefined,
  };
}
