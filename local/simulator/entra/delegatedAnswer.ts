import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Answer } from '../http/Answer.ts';
import { issuerOfVersion2 } from './callerClaims.ts';
import { issueDelegatedToken, type DelegatedOrder } from './delegatedToken.ts';
import { tokenAnswer } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/** A token for a person, and when that person signed in. */
export interface DelegatedAnswerOrder extends DelegatedOrder {
  readonly signedInMs: number;
}

/**
 * The answer with a token for a person: with a refresh token for `offline_access`, an ID token for `openid`, and
 * `client_info` for libraries that ask for it.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#successful-response-2
 */
export async function answerForPerson(request: TokenRequest, order: DelegatedAnswerOrder): Promise<Answer> {
  const { endpoint, tenant, form } = request;
  const { client, person, hasMultifactor, requested, signedInMs } = order;
  const { token, scopes } = await issueDelegatedToken(request, order);
  const names = requested.permissions === undefined ? [...scopes, '.default'] : scopes;
  const session = {
    tenantId: tenant.id,
    clientId: client.principal.appId,
    person,
    hasMultifactor,
    signedInMs,
    issuedMs: endpoint.clock.nowMs(),
  };
  return tokenAnswer({
    token_type: 'Bearer',
    scope: [...requested.openId, ...names.map((name) => `${requested.audience}/${name}`)].join(' '),
    expires_in: endpoint.tokenLifetimeSeconds,
    ext_expires_in: endpoint.tokenLifetimeSeconds,
    access_token: token,
    ...(requested.openId.includes('offline_access')
      ? { refresh_token: endpoint.refreshTokens.create(session) }
      : {}),
    ...(requested.openId.includes('openid') ? { id_token: await signIdToken(request, order) } : {}),
    ...(form.get('client_info') === '1' ? { client_info: toClientInfo(person.objectId, tenant.id) } : {}),
  });
}

/** Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
function signIdToken(
  { endpoint, tenant, entraUrl }: TokenRequest,
  order: DelegatedAnswerOrder,
): Promise<string> {
  const { client, person } = order;
  const issuedAt = Math.floor(endpoint.clock.nowMs() / 1000);
  const { appId } = client.principal;
  const { kid, privateKey } = endpoint.keys.current;
  return new SignJWT({
    aud: appId,
    iss: issuerOfVersion2(entraUrl, tenant.id),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + endpoint.tokenLifetimeSeconds,
    name: `${person.givenName} ${person.familyName}`,
    oid: person.objectId,
    preferred_username: person.userPrincipalName,
    sub: createHash('sha256').update(`${appId} ${person.objectId}`).digest('base64url'),
    tid: tenant.id,
    ver: '2.0',
  })
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid })
    .sign(privateKey);
}

/** Which account in which tenant: what the authentication libraries of Microsoft keep accounts apart by. */
function toClientInfo(uid: string, utid: string): string {
  return Buffer.from(JSON.stringify({ uid, utid })).toString('base64url');
}
