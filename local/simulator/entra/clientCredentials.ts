import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import { signAccessToken, type TokenAuthority } from './accessToken.ts';
import { callerApi, toTokenVersion, type RequestedTokenVersion } from './callerApi.ts';
import { createCallerClaims } from './callerClaims.ts';
import { listRoles, type Directory } from './Directory.ts';
import { entraErrors, entraRefusal, notSimulated } from './entraRefusal.ts';
import type { Principal, Tenant } from './Principal.ts';
import { findResource, type Resource } from './resources.ts';
import { signCallerToken } from './signCallerToken.ts';

/** What the token endpoint works with. */
export interface TokenEndpoint extends TokenAuthority {
  readonly directory: Directory;
  /** `expires_in` of new tokens; Entra's usual value is 3599. */
  tokenLifetimeSeconds: number;
  /** Of the registration of the functions' own API. */
  requestedAccessTokenVersion: RequestedTokenVersion;
}

/**
 * `POST /{tenant}/oauth2/v2.0/token` with `grant_type=client_credentials` and a client secret, in the body or as HTTP Basic.
 * `entraUrl` is where Entra is reached.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function answerClientCredentials(
  endpoint: TokenEndpoint,
  tenant: Tenant,
  call: Call,
  entraUrl: string,
): Promise<Answer> {
  const form = parseForm(call, endpoint.clock);
  const grantType = getParameter(form, 'grant_type', endpoint.clock);
  if (grantType !== 'client_credentials') refuseGrantType(grantType, endpoint.clock);
  const { clientId, secret } = readCredential(call, form, endpoint.clock);
  const scope = getParameter(form, 'scope', endpoint.clock);
  const principal = authenticate(endpoint, tenant, clientId, secret);
  call.principal = principal.appId;
  const audience = findAudience(scope, endpoint.clock);
  const resource = findResource(audience);
  if (resource === undefined)
    throw entraRefusal(entraErrors.unknownResource(audience, tenant.displayName), endpoint.clock);
  const lifetimeSeconds = endpoint.tokenLifetimeSeconds;
  const token = await issueToken(endpoint, { principal, resource, audience, lifetimeSeconds, entraUrl });
  return json(
    200,
    {
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      access_token: token,
    },
    { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' },
  );
}

async function issueToken(
  endpoint: TokenEndpoint,
  order: {
    principal: Principal;
    resource: Resource;
    audience: string;
    lifetimeSeconds: number;
    entraUrl: string;
  },
): Promise<string> {
  const { principal, resource, audience } = order;
  const roles = listRoles(principal, resource);
  if (resource.isAssignmentRequired === true && roles.length === 0) {
    const client = { id: principal.appId, name: principal.displayName };
    const api = { id: audience, name: resource.displayName };
    throw entraRefusal(entraErrors.notAssigned(client, api), endpoint.clock);
  }
  if (resource !== callerApi) return signAccessToken(endpoint, order);
  const version = toTokenVersion(endpoint.requestedAccessTokenVersion);
  const claims = createCallerClaims({
    ...order,
    version,
    roles,
    tenantId: principal.tenantId,
    subject: { kind: 'application', principal },
    issuedAtSeconds: Math.floor(endpoint.clock.nowMs() / 1000),
  });
  return signCallerToken(endpoint.keys, { claims, version });
}

function parseForm(call: Call, clock: SimulatedClock): URLSearchParams {
  const isForm = call.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const form = new URLSearchParams(isForm ? call.body : '');
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) throw entraRefusal(entraErrors.repeatedParameter(name), clock);
  }
  return form;
}

function getParameter(form: URLSearchParams, name: string, clock: SimulatedClock): string {
  const value = form.get(name);
  if (value === null || value === '') throw entraRefusal(entraErrors.missingParameter(name), clock);
  return value;
}

const documentedGrantTypes = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
];

function refuseGrantType(grantType: string, clock: SimulatedClock): never {
  if (documentedGrantTypes.includes(grantType)) throw notSimulated(`the grant type ${grantType}`);
  throw entraRefusal(entraErrors.unsupportedGrantType(grantType), clock);
}

function readCredential(
  call: Call,
  form: URLSearchParams,
  clock: SimulatedClock,
): { clientId: string; secret: string } {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [id = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { clientId: decodeSegment(id), secret: decodeSegment(rest.join(':')) };
  }
  const clientId = getParameter(form, 'client_id', clock);
  if (form.has('client_assertion')) throw notSimulated('signing in with a client assertion');
  const secret = form.get('client_secret');
  if (secret === null || secret === '') throw entraRefusal(entraErrors.missingCredential(), clock);
  return { clientId, secret };
}

function authenticate(
  { directory, clock }: TokenEndpoint,
  tenant: Tenant,
  clientId: string,
  secret: string,
): Principal {
  const principal = directory.findByAppId(tenant.id, clientId);
  if (principal === undefined)
    throw entraRefusal(entraErrors.unknownApplication(clientId, tenant.displayName), clock);
  if (!principal.isEnabled) {
    throw entraRefusal(entraErrors.disabledApplication(principal.appId, principal.displayName), clock);
  }
  const found = principal.secrets.find((one) => one.value === secret);
  if (found === undefined) throw entraRefusal(entraErrors.wrongSecret(principal.appId), clock);
  if (found.expiresMs <= clock.nowMs()) throw entraRefusal(entraErrors.expiredSecret(principal.appId), clock);
  return principal;
}

/** The resource as the caller wrote it: `https://host//.default` asks for the audience `https://host/`. */
function findAudience(scope: string, clock: SimulatedClock): string {
  const audience = /^(\S+)\/\.default$/.exec(scope)?.[1];
  if (audience === undefined) throw entraRefusal(entraErrors.invalidScope(scope), clock);
  return audience;
}
