import { randomUUID } from 'node:crypto';
import { signAccessToken, type TokenAuthority } from '../entra/accessToken.ts';
import type { Directory } from '../entra/Directory.ts';
import { signExchangeToken } from '../entra/exchangeToken.ts';
import type { Principal } from '../entra/Principal.ts';
import { findResourceIn, tokenExchange, type Resource } from '../entra/resources.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { Refusal } from '../http/Refusal.ts';
import type { Service } from '../http/Service.ts';
import { IdentityTokenCache } from './IdentityTokenCache.ts';

/** The path in `IDENTITY_ENDPOINT`. */
export const identityPath = '/msi/token';

/** What the identity endpoint works with. */
export interface IdentityEndpoint extends TokenAuthority {
  /** The value of `IDENTITY_HEADER`. */
  readonly identityHeader: string;
  readonly directory: Directory;
  /** Where Entra is reached: it is the issuer of tokens for another application to accept. */
  readonly entraUrl: () => string;
  readonly systemAssigned: Principal;
  readonly userAssigned: readonly Principal[];
  readonly cache: IdentityTokenCache;
}

/** Managed identity tokens live for 24 hours. */
const tokenLifetimeSeconds = 24 * 60 * 60;

/**
 * The token endpoint that App Service and Functions give to an app with managed identities.
 *
 * Source: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function createIdentityEndpoint(endpoint: IdentityEndpoint): Service {
  return {
    name: 'identity',
    handle: (call) => answerToken(endpoint, call),
    throttled: (retryAfter) =>
      json(
        429,
        { statusCode: 429, message: 'Too many requests.', correlationId: randomUUID() },
        { 'Retry-After': retryAfter },
      ),
  };
}

async function answerToken(endpoint: IdentityEndpoint, call: Call): Promise<Answer> {
  if (call.path !== identityPath && call.path !== `${identityPath}/`)
    throw refusal(404, 'There is nothing here.');
  if (call.method !== 'GET') throw refusal(405, 'Only GET is allowed.');
  if (call.headers['x-identity-header'] !== endpoint.identityHeader) {
    throw refusal(401, 'The X-IDENTITY-HEADER header is missing or wrong.');
  }
  checkVersion(call.query);
  const audience = getParameter(call.query, 'resource');
  const principal = findIdentity(endpoint, call.query);
  call.principal = principal.appId;
  const tenant = endpoint.directory.findTenant(principal.tenantId);
  const resource = tenant === undefined ? undefined : findResourceIn(tenant, audience);
  if (resource === undefined)
    throw refusal(400, `AADSTS500011: The resource principal '${audience}' was not found.`);
  const { token, expiresSeconds } = await findToken(endpoint, { principal, resource, audience });
  return json(200, {
    access_token: token,
    client_id: principal.appId,
    expires_on: String(expiresSeconds),
    resource: audience,
    token_type: 'Bearer',
  });
}

function checkVersion(query: URLSearchParams): void {
  const version = getParameter(query, 'api-version');
  if (version === '2017-09-01')
    throw refusal(501, 'The simulator does not do api-version 2017-09-01; use 2019-08-01.');
  if (version !== '2019-08-01') throw refusal(400, `The api-version '${version}' is not supported.`);
}

function getParameter(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw refusal(400, `The query parameter '${name}' is missing.`);
  return value;
}

/** At most one of the parameters that name an identity may be given; none means the system-assigned one. */
function findIdentity({ systemAssigned, userAssigned }: IdentityEndpoint, query: URLSearchParams): Principal {
  const given = ['client_id', 'principal_id', 'mi_res_id'].filter((name) => query.has(name));
  if (given.length > 1) throw refusal(400, `Only one of ${given.join(', ')} may be given.`);
  if (given.length === 0) return systemAssigned;
  if (query.has('mi_res_id'))
    throw refusal(501, 'The simulator does not find identities by mi_res_id; use client_id.');
  const id = query.get('client_id') ?? query.get('principal_id');
  const key = query.has('client_id') ? 'appId' : 'objectId';
  const found = userAssigned.find((one) => one[key] === id?.toLowerCase());
  if (found === undefined) throw refusal(400, 'No user-assigned identity of this app has the given id.');
  return found;
}

async function findToken(
  { keys, clock, cache, entraUrl }: IdentityEndpoint,
  order: { principal: Principal; resource: Resource; audience: string },
): Promise<{ token: string; expiresSeconds: number }> {
  const cacheKey = `${order.principal.appId} ${order.audience}`;
  const cached = cache.find(cacheKey, clock.nowMs());
  if (cached !== undefined) return cached;
  const expiresSeconds = Math.floor(clock.nowMs() / 1000) + tokenLifetimeSeconds;
  const whole = { ...order, lifetimeSeconds: tokenLifetimeSeconds, method: '2' } as const;
  const token =
    order.resource === tokenExchange
      ? await signExchangeToken({ keys, clock }, { ...whole, entraUrl: entraUrl() })
      : await signAccessToken({ keys, clock }, whole);
  return cache.store(cacheKey, { token, expiresSeconds });
}

function refusal(statusCode: number, message: string): Refusal {
  return new Refusal(json(statusCode, { statusCode, message, correlationId: randomUUID() }));
}
