import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { TokenAuthority, TokenOrder } from './accessToken.ts';
import { issuerOfVersion2 } from './callerClaims.ts';

/**
 * Signs the token of a managed identity that proves another application: version 2, so that its issuer is the one that
 * federated credentials name.
 *
 * A version 2 token names its resource by appId. That of the public cloud is as seen in tokens; the one of the US
 * Government's cloud is not known, so the URI stands there as it was asked for.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export async function signExchangeToken(
  { keys, clock }: TokenAuthority,
  order: Omit<TokenOrder, 'method'> & { readonly entraUrl: string },
): Promise<string> {
  const { principal, resource, audience, lifetimeSeconds, entraUrl } = order;
  const issuedAt = Math.floor(clock.nowMs() / 1000);
  const isPublic = [...resource.servicePrincipalNames.global, resource.appId].includes(audience);
  const { kid, privateKey } = keys.current;
  return new SignJWT({
    aud: isPublic ? resource.appId : audience,
    iss: issuerOfVersion2(entraUrl, principal.tenantId),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    azp: principal.appId,
    azpacr: '2',
    idtyp: 'app',
    oid: principal.objectId,
    sub: principal.objectId,
    tid: principal.tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  })
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid })
    .sign(privateKey);
}
