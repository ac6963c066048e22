import { issuerOf } from './accessToken.ts';
import { issuerOfVersion2 } from './callerClaims.ts';
import type { Tenant } from './Principal.ts';

/**
 * The discovery document of `/{tenant}/v2.0`: who issues version 2 tokens, and where the keys are.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export function openIdConfiguration(tenant: Tenant, baseUrl: string): Record<string, unknown> {
  const base = `${baseUrl}/${tenant.id}`;
  return {
    issuer: issuerOfVersion2(baseUrl, tenant.id),
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

/**
 * The discovery document of `/{tenant}`: the one that the receiver of a version 1 token reads.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#v10-and-v20-tokens
 */
export function openIdConfigurationOfVersion1(tenant: Tenant, baseUrl: string): Record<string, unknown> {
  const base = `${baseUrl}/${tenant.id}`;
  return {
    issuer: issuerOf(tenant.id),
    authorization_endpoint: `${base}/oauth2/authorize`,
    token_endpoint: `${base}/oauth2/token`,
    end_session_endpoint: `${base}/oauth2/logout`,
    jwks_uri: `${base}/discovery/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'token id_token', 'token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
    tenant_region_scope: 'EU',
  };
}
