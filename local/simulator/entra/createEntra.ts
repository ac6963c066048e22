import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import { decodeSegment } from '../http/decodeSegment.ts';
import type { Service } from '../http/Service.ts';
import { withRequestId } from '../http/withRequestId.ts';
import { answerAdminConsent } from './adminConsent.ts';
import { answerToken } from './answerToken.ts';
import { instanceOf } from './clouds.ts';
import { answerDeviceAuthorization } from './deviceCode.ts';
import { entraErrors } from './entraErrors.ts';
import { entraRefusal, notSimulated } from './entraRefusal.ts';
import { openIdConfiguration, openIdConfigurationOfVersion1 } from './openIdConfiguration.ts';
import { parseForm } from './tokenForm.ts';
import type { TokenEndpoint, TokenRequest } from './TokenEndpoint.ts';

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
  const { directory, clock, cloud } = endpoint;
  const tenant = directory.findTenant(decodeSegment(tenantName));
  if (tenant === undefined)
    throw entraRefusal(entraErrors.unknownTenant(tenantName, known.unknownTenantError), clock);
  const [theirs, here] = [instanceOf(tenant.cloud), instanceOf(cloud)];
  if (theirs !== here) throw entraRefusal(entraErrors.otherCloud(tenantName, theirs.name, here.name), clock);
  const form = known.method === 'POST' ? parseForm(call, clock) : new URLSearchParams();
  return known.answer({ endpoint, tenant, call, form, entraUrl: baseUrl });
}

interface Route {
  readonly method: string;
  readonly unknownTenantError: 'invalid_request' | 'invalid_tenant';
  readonly answer: (request: TokenRequest) => Answer | Promise<Answer>;
}

const routes: Readonly<Record<string, Route>> = {
  'v2.0/.well-known/openid-configuration': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: ({ tenant, entraUrl }) => json(200, openIdConfiguration(tenant, entraUrl)),
  },
  'discovery/v2.0/keys': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: ({ endpoint }) => json(200, { keys: endpoint.keys.listJwks() }),
  },
  '.well-known/openid-configuration': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: ({ tenant, entraUrl }) => json(200, openIdConfigurationOfVersion1(tenant, entraUrl)),
  },
  'discovery/keys': {
    method: 'GET',
    unknownTenantError: 'invalid_tenant',
    answer: ({ endpoint }) => json(200, { keys: endpoint.keys.listJwks() }),
  },
  'oauth2/v2.0/token': { method: 'POST', unknownTenantError: 'invalid_request', answer: answerToken },
  'oauth2/v2.0/devicecode': {
    method: 'POST',
    unknownTenantError: 'invalid_request',
    answer: answerDeviceAuthorization,
  },
  adminconsent: {
    method: 'GET',
    unknownTenantError: 'invalid_request',
    answer: (request) => answerAdminConsent(request, 1),
  },
  'v2.0/adminconsent': {
    method: 'GET',
    unknownTenantError: 'invalid_request',
    answer: (request) => answerAdminConsent(request, 2),
  },
};

const documentedPaths = ['oauth2/authorize', 'oauth2/token', 'oauth2/v2.0/authorize', 'oauth2/v2.0/logout'];
