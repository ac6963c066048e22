import { createHash, randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { issuerOf } from './accessToken.ts';
import type { ClientMethod } from './authenticateClient.ts';
import { callerApi } from './callerApi.ts';
import type { CallerUser } from './callers.ts';
import type { Principal } from './Principal.ts';

/** Who a token for the functions' own API is about: an application itself, or a person who uses one. */
export type CallerSubject =
  | { readonly kind: 'application'; readonly principal: Principal }
  | {
      readonly kind: 'user';
      readonly user: CallerUser;
      /** Absent: the person uses the Azure CLI. */
      readonly client?: Principal;
      readonly scope: string;
      /** The person used a second factor; shows in version 1 only. */
      readonly hasMultifactor?: boolean;
    };

/** What a token for the functions' own API says. */
export interface CallerTokenOrder {
  readonly version: 1 | 2;
  /** Where Entra is reached; a version 2 issuer begins with it. */
  readonly entraUrl: string;
  readonly tenantId: string;
  /** The API's name as the caller wrote it; a version 2 token does not show it. */
  readonly audience: string;
  readonly subject: CallerSubject;
  /** How the client proved itself. Absent: a secret, and a managed identity as the platform does. */
  readonly clientMethod?: ClientMethod;
  readonly roles: readonly string[];
  readonly issuedAtSeconds: number;
  readonly lifetimeSeconds: number;
}

/** The Azure CLI's own application, a public client. Source: https://github.com/Azure/azure-cli/issues/22775 */
const azureCliAppId = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** The `iss` of version 2 tokens; the same as in the tenant's version 2 discovery document. */
export function issuerOfVersion2(entraUrl: string, tenantId: string): string {
  return `${entraUrl}/${tenantId}/v2.0`;
}

/**
 * The claims of an access token for an API of one's own, in either version. `idtyp` is an optional claim that the API does
 * not ask for, so it is absent.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function createCallerClaims(order: CallerTokenOrder): JWTPayload {
  const { version, entraUrl, tenantId, subject, roles, issuedAtSeconds, lifetimeSeconds } = order;
  const client = describeClient(subject, order.clientMethod);
  const issuer = version === 1 ? issuerOf(tenantId) : issuerOfVersion2(entraUrl, tenantId);
  return {
    aud: version === 1 ? order.audience : callerApi.appId,
    iss: issuer,
    iat: issuedAtSeconds,
    nbf: issuedAtSeconds,
    exp: issuedAtSeconds + lifetimeSeconds,
    ...(version === 1
      ? { appid: client.appId, appidacr: client.method, idp: issuer }
      : { azp: client.appId, azpacr: client.method }),
    ...(subject.kind === 'user' ? userClaims(version, subject) : {}),
    oid: subject.kind === 'user' ? subject.user.objectId : subject.principal.objectId,
    sub: subject.kind === 'user' ? toPairwiseId(subject.user) : subject.principal.objectId,
    tid: tenantId,
    ...(roles.length > 0 ? { roles } : {}), // Nothing assigned: the claim is missing, not empty.
    uti: randomBytes(16).toString('base64url'),
    ver: `${version}.0`,
  };
}

function describeClient(
  subject: CallerSubject,
  method?: ClientMethod,
): { appId: string; method: ClientMethod } {
  const client = subject.kind === 'user' ? subject.client : subject.principal;
  if (client === undefined) return { appId: azureCliAppId, method: '0' };
  return { appId: client.appId, method: method ?? (client.kind === 'application' ? '1' : '2') };
}

function userClaims(
  version: 1 | 2,
  { user, scope, hasMultifactor = false }: Extract<CallerSubject, { kind: 'user' }>,
): JWTPayload {
  const { givenName, familyName, userPrincipalName } = user;
  const name = `${givenName} ${familyName}`;
  if (version === 2) return { name, preferred_username: userPrincipalName, scp: scope };
  return {
    acr: '1',
    amr: hasMultifactor ? ['pwd', 'mfa'] : ['pwd'],
    family_name: familyName,
    given_name: givenName,
    name,
    scp: scope,
    unique_name: userPrincipalName,
    upn: userPrincipalName,
  };
}

/** A person's `sub` differs from API to API. */
function toPairwiseId(user: CallerUser): string {
  return createHash('sha256').update(`${callerApi.appId} ${user.objectId}`).digest('base64url');
}
