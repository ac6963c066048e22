import type { Answer } from '../http/Answer.ts';
import { signAccessToken } from './accessToken.ts';
import { authenticateClient, type Client } from './authenticateClient.ts';
import { callerApi, toTokenVersion } from './callerApi.ts';
import { createCallerClaims } from './callerClaims.ts';
import { listRoles } from './Directory.ts';
import { entraErrors } from './entraErrors.ts';
import { entraRefusal } from './entraRefusal.ts';
import { findResourceIn, type Resource } from './resources.ts';
import { signCallerToken } from './signCallerToken.ts';
import { getParameter, tokenAnswer } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/**
 * `grant_type=client_credentials`: a token for the application itself.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function answerClientCredentials(request: TokenRequest): Promise<Answer> {
  const { endpoint, tenant, form } = request;
  const client = await authenticateClient(request);
  const scope = getParameter(form, 'scope', endpoint.clock);
  // The resource as the caller wrote it: `https://host//.default` asks for the audience `https://host/`.
  const audience = /^(\S+)\/\.default$/.exec(scope)?.[1];
  if (audience === undefined) throw entraRefusal(entraErrors.wrongScope(scope), endpoint.clock);
  const resource = findResourceIn(tenant, audience);
  if (resource === undefined)
    throw entraRefusal(entraErrors.unknownResource(audience, tenant.displayName), endpoint.clock);
  const token = await issueToken(request, { client, resource, audience });
  return tokenAnswer({
    token_type: 'Bearer',
    expires_in: endpoint.tokenLifetimeSeconds,
    ext_expires_in: endpoint.tokenLifetimeSeconds,
    access_token: token,
  });
}

async function issueToken(
  { endpoint, entraUrl }: TokenRequest,
  order: { readonly client: Client; readonly resource: Resource; readonly audience: string },
): Promise<string> {
  const { client, resource, audience } = order;
  const { principal, method } = client;
  const lifetimeSeconds = endpoint.tokenLifetimeSeconds;
  const roles = listRoles(principal, resource);
  if (resource.isAssignmentRequired === true && roles.length === 0) {
    const subject = { id: principal.appId, name: principal.displayName };
    const api = { id: audience, name: resource.displayName };
    throw entraRefusal(entraErrors.notAssigned(subject, api), endpoint.clock);
  }
  if (resource !== callerApi)
    return signAccessToken(endpoint, { principal, resource, audience, lifetimeSeconds, method });
  const version = toTokenVersion(endpoint.requestedAccessTokenVersion);
  const claims = createCallerClaims({
    version,
    entraUrl,
    tenantId: principal.tenantId,
    audience,
    subject: { kind: 'application', principal },
    clientMethod: method,
    roles,
    issuedAtSeconds: Math.floor(endpoint.clock.nowMs() / 1000),
    lifetimeSeconds,
  });
  return signCallerToken(endpoint.keys, { claims, version });
}
