import { createHash, randomBytes } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { issuerOf } from './accessToken.ts';
import type { Client } from './authenticateClient.ts';
import { callerApi, toTokenVersion } from './callerApi.ts';
import { createCallerClaims } from './callerClaims.ts';
import { findUser } from './callers.ts';
import { listScopes } from './Directory.ts';
import { entraRefusal } from './entraRefusal.ts';
import type { RequestedScope } from './parseScope.ts';
import type { Person } from './people.ts';
import { personErrors } from './personErrors.ts';
import { signCallerToken } from './signCallerToken.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/** A token that lets a client act for a person. */
export interface DelegatedOrder {
  readonly client: Client;
  readonly person: Person;
  readonly hasMultifactor: boolean;
  readonly requested: RequestedScope;
}

/** A token for a person, and the permissions in it. */
export interface DelegatedToken {
  readonly token: string;
  readonly scopes: readonly string[];
}

/**
 * Signs a token with the permissions that were both asked for and consented to; refuses one that was not consented to, and a
 * person whom a policy stands against.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export async function issueDelegatedToken(
  request: TokenRequest,
  order: DelegatedOrder,
): Promise<DelegatedToken> {
  const { endpoint } = request;
  const { client, person, requested, hasMultifactor } = order;
  if (!person.isEnabled) throw entraRefusal(personErrors.disabledPerson(person), endpoint.clock);
  const scopes = chooseScopes(request, order);
  const refusal = endpoint.conditionalAccess.findRefusal(person, requested.resource, hasMultifactor);
  if (refusal !== undefined) throw entraRefusal(refusal, endpoint.clock);
  const token =
    requested.resource === callerApi
      ? await signForCallerApi(request, order, scopes.join(' '))
      : await signForMicrosoft(request, { client, person, requested, hasMultifactor }, scopes.join(' '));
  return { token, scopes };
}

function chooseScopes({ endpoint }: TokenRequest, { client, requested }: DelegatedOrder): readonly string[] {
  const { principal } = client;
  const consented = listScopes(principal, requested.resource);
  const wanted = requested.permissions ?? consented;
  if (wanted.length === 0 || wanted.some((scope) => !consented.includes(scope)))
    throw entraRefusal(personErrors.notConsented(principal.appId, principal.displayName), endpoint.clock);
  return wanted.toSorted();
}

/** The functions' own API, which also wants the person to be assigned to it. */
function signForCallerApi(request: TokenRequest, order: DelegatedOrder, scope: string): Promise<string> {
  const { endpoint, tenant, entraUrl } = request;
  const { person, client, requested, hasMultifactor } = order;
  const user = findUser(endpoint.callers, person.objectId);
  if (user?.persona === undefined)
    throw entraRefusal(personErrors.notAssigned(person, requested.audience), endpoint.clock);
  const version = toTokenVersion(endpoint.requestedAccessTokenVersion);
  const claims = createCallerClaims({
    version,
    entraUrl,
    tenantId: tenant.id,
    audience: requested.audience,
    subject: { kind: 'user', user, client: client.principal, scope, hasMultifactor },
    clientMethod: client.method,
    roles: user.roles,
    issuedAtSeconds: Math.floor(endpoint.clock.nowMs() / 1000),
    lifetimeSeconds: endpoint.tokenLifetimeSeconds,
  });
  if (hasMultifactor) endpoint.multifactorTokens.add(String(claims.uti));
  return signCallerToken(endpoint.keys, { claims, version });
}

/** Version 1, which Microsoft's own APIs receive. */
function signForMicrosoft(
  { endpoint, tenant }: TokenRequest,
  order: DelegatedOrder,
  scope: string,
): Promise<string> {
  const { client, person, requested, hasMultifactor } = order;
  const issuedAt = Math.floor(endpoint.clock.nowMs() / 1000);
  const { objectId, givenName, familyName, userPrincipalName } = person;
  const claims: JWTPayload = {
    aud: requested.audience,
    iss: issuerOf(tenant.id),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + endpoint.tokenLifetimeSeconds,
    acr: '1',
    amr: hasMultifactor ? ['pwd', 'mfa'] : ['pwd'],
    appid: client.principal.appId,
    appidacr: client.method,
    family_name: familyName,
    given_name: givenName,
    idp: issuerOf(tenant.id),
    name: `${givenName} ${familyName}`,
    oid: objectId,
    scp: scope,
    sub: createHash('sha256').update(`${requested.resource.appId} ${objectId}`).digest('base64url'),
    tid: tenant.id,
    unique_name: userPrincipalName,
    upn: userPrincipalName,
    uti: randomBytes(16).toString('base64url'),
    ver: '1.0',
  };
  const { kid, privateKey } = endpoint.keys.current;
  return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: kid, kid }).sign(privateKey);
}
