import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import type { Service } from '../http/Service.ts';
import { withRequestId } from '../http/withRequestId.ts';
import { answerClientCredentials, type TokenEndpoint } from './clientCredentials.ts';
import { entraErrors, entraRefusal, notSimulated } from './entraRefusal.ts';
import { openIdConfiguration, openIdConfigurationOfVersion1 } from './openIdConfiguration.ts';
import type { Tenant } from './Principal.ts';

/** The service `https://login.microsoftonline.com`; `baseUrl` is where this one is reached. */
export function createEntra(endpoint: TokenEndpoint, baseUrl: () => string): Service {
  return {
    name: 'entra',
    handle: (call) => withRequestId(route(endpoint, baseUrl(), call)),
    throttled: (retryAfter) =>
      json(
        429,
        {
          error: 'temporarily_unavailable',
          error_description: 'Too many requests. Wait before you ask again.',
        },
        { 'Retry-After': retryAfter },
      ),
  };
}

async function route(endpoint: TokenEndpoint, baseUrl: string, call: Call): Promise<Answer> {
  const [, tenantName = '', rest = ''] = /^\/([^/]+)\/(.+)$/.exec(call.path) ?? [];
  const known = routes[rest];
  if (known === undefined) {
    if (documentedPaths.includes(rest)) throw notSimulated(`/{tenant}/${rest}`);
    return { status: 404 };
  }
  if (call.method !== known.method) return { status: 405, headers: { Allow: known.method } };
  if (['common', 'organizations', 'consumers'].includes(tenantName)) {
    throw notSimulated(`the tenant name ${tenantName}`);
  }
  const tenant = endpoint.directory.findTenant(decodeSegment(tenantName));
  if (tenant === undefined) {
    throw entraRefusal(entraErrors.unknownTenant(tenantName, known.unknownTenantError), endpoint.clock);
  }
  return known.answer(endpoint, tenant, call, baseUrl);
}

interface Route {
  readonly method: string;
  readonly unknownTenantError: 'invalid_request' | 'invalid_tenant';
  readonly answer: (
    endpoint: TokenEndpoint,
    tenant: Tenant,
    call: Call,
    baseUrl: string,
  ) => Answer | Promise<Answer>;
}

const routes: Readonly<Record<string, Route>> = {
  'v2.0/.well-known/openid-configuration': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: (_endpoint, tenant, _call, baseUrl) => json(200, openIdConfiguration(tenant, baseUrl)),
  },
  'discovery/v2.0/keys': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: ({ keys }) => json(200, { keys: keys.listJwks() }),
  },
  '.well-known/openid-configuration': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: (_endpoint, tenant, _call, baseUrl) => json(200, openIdConfigurationOfVersion1(tenant, baseUrl)),
  },
  'discovery/keys': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: ({ keys }) => json(200, { keys: keys.listJwks() }),
  },
  'oauth2/v2.0/token': {
    method: 'POST',
    unknownTenantError: 'invalid_request',
    answer: answerClientCredentials,
  },
};

const documentedPaths = [
  'adminconsent',
  'oauth2/authorize',
  'oauth2/token',
  'oauth2/v2.0/authorize',
  'oauth2/v2.0/devicecode',
  'oauth2/v2.0/logout',
];
