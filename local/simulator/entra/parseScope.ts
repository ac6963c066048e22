import { entraErrors } from './entraErrors.ts';
import { entraRefusal } from './entraRefusal.ts';
import { findResourceIn, type Resource } from './resources.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/** What OpenID Connect adds; they belong to no resource. */
const openIdScopes = ['openid', 'profile', 'email', 'offline_access'];

/** What a token is asked for on behalf of a person. */
export interface RequestedScope {
  readonly resource: Resource;
  /** The resource's name as the client wrote it. */
  readonly audience: string;
  /** The permissions by name; undefined for `.default`: all that were consented to. */
  readonly permissions: readonly string[] | undefined;
  readonly openId: readonly string[];
}

/**
 * The scopes of a request for a person: of one resource, by name or as `/.default`, and those of OpenID Connect.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function parseScope(
  { endpoint: { clock }, tenant }: Pick<TokenRequest, 'endpoint' | 'tenant'>,
  scope: string,
): RequestedScope {
  const all = scope.split(' ').filter((one) => one !== '');
  const openId = all.filter((one) => openIdScopes.includes(one));
  const named = all.filter((one) => !openIdScopes.includes(one)).map(splitScope);
  const [first] = named;
  if (first === undefined) throw entraRefusal(entraErrors.invalidScope(scope), clock);
  const resource = findResourceIn(tenant, first.audience);
  if (resource === undefined)
    throw entraRefusal(entraErrors.unknownResource(first.audience, tenant.displayName), clock);
  if (named.some(({ audience }) => findResourceIn(tenant, audience) !== resource))
    throw entraRefusal(entraErrors.severalResources(scope), clock);
  const permissions = named.map(({ permission }) => permission);
  if (permissions.includes('.default')) {
    // https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope: not together with others.
    if (permissions.length > 1) throw entraRefusal(entraErrors.invalidScope(scope), clock);
    return { resource, audience: first.audience, permissions: undefined, openId };
  }
  if (permissions.some((one) => !resource.delegatedScopes.includes(one)))
    throw entraRefusal(entraErrors.invalidScope(scope), clock);
  return { resource, audience: first.audience, permissions, openId };
}

/** `https://host//.default` names the resource `https://host/`; a permission without a resource is Microsoft Graph's. */
function splitScope(scope: string): { audience: string; permission: string } {
  const slash = scope.lastIndexOf('/');
  if (slash === -1) return { audience: '00000003-0000-0000-c000-000000000000', permission: scope };
  return { audience: scope.slice(0, slash), permission: scope.slice(slash + 1) };
}
