import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import type { Service } from '../http/Service.ts';
import { withRequestId } from '../http/withRequestId.ts';
import { answerClientCredentials, notSimulated, type TokenEndpoint } from './clientCredentials.ts';
import { entraErrors, entraRefusal } from './entraRefusal.ts';
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
  'oauth2/v2.0/token': {
    method: 'POST',
    unknownTenantError: 'invalid_request',
    answer: answerClientCredentials,
  },
};

const documentedPaths = [
  '.well-known/openid-configuration',
  'adminconsent',
  'discovery/keys',
  'oauth2/authorize',
  'oauth2/token',
  'oauth2/v2.0/authorize',
  'oauth2/v2.0/devicecode',
  'oauth2/v2.0/logout',
];

/** Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
function openIdConfiguration(tenant: Tenant, baseUrl: string): Record<string, unknown> {
  const base = `${baseUrl}/${tenant.id}`;
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    tenant_region_scope: 'EU',
  };
}
