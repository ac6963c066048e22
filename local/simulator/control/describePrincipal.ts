import type { Certificate, ClientSecret } from '../entra/credentials.ts';
import type { Principal } from '../entra/Principal.ts';
import { resources } from '../entra/resources.ts';

/** What control answers about a principal: everything but the secrets. */
export function describePrincipal(principal: Principal): Record<string, unknown> {
  const { kind, tenantId, appId, objectId, displayName, isEnabled, registration } = principal;
  const { isMultiTenant, isPublicClient, redirectUris, federatedCredentials } = registration;
  return {
    displayName,
    kind,
    tenantId,
    appId,
    objectId,
    isEnabled,
    isMultiTenant,
    isPublicClient,
    roles: byResource(principal.grants),
    scopes: byResource(principal.delegatedGrants),
    secrets: registration.secrets.map(describeSecret),
    certificates: registration.certificates.map(describeCertificate),
    federatedCredentials,
    redirectUris,
  };
}

/** Without its value. */
export function describeSecret({ keyId, createdMs, expiresMs }: ClientSecret): Record<string, string> {
  return { keyId, ...toPeriod(createdMs, expiresMs) };
}

/** Without its text. */
export function describeCertificate(certificate: Certificate): Record<string, string> {
  const { keyId, thumbprint, startMs, expiresMs } = certificate;
  return { keyId, thumbprint, ...toPeriod(startMs, expiresMs) };
}

function toPeriod(startMs: number, endMs: number): Record<string, string> {
  return { startDateTime: new Date(startMs).toISOString(), endDateTime: new Date(endMs).toISOString() };
}

function byResource(grants: ReadonlyMap<string, ReadonlySet<string>>): Record<string, readonly string[]> {
  const named = resources.map(
    ({ displayName, appId }) => [displayName, [...(grants.get(appId) ?? [])].sort()] as const,
  );
  return Object.fromEntries(named.filter(([, granted]) => granted.length > 0));
}
