import type { TokenClaims } from '../identity/decodeTokenClaims.ts';
import type { Permission } from '../identity/permissions.ts';
import type { Tenant } from '../tenants/Tenant.ts';
import type { Finding } from './Finding.ts';
import { grantCommand, consentUrl } from './grantCommand.ts';
import type { DoctorSettings } from './parseDoctorSettings.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface RoleToGrant {
  readonly permission: Permission;
  readonly settings: Pick<DoctorSettings, 'identity'>;
  readonly tenant: Pick<Tenant, 'id' | 'name' | 'cloud' | 'isHome'>;
  readonly claims: Pick<TokenClaims, 'applicationId'>;
}

/** How the app's own identity gets a role. */
export function howToGrantRole({
  permission,
  settings,
  tenant,
  claims,
}: RoleToGrant): Pick<Finding, 'advice' | 'command'> {
  const { application, authorityHost } = settings.identity;
  // What stands in a token becomes part of a command that somebody runs.
  const clientId = GUID.test(claims.applicationId ?? '') ? claims.applicationId : undefined;
  const command = grantCommand({ permission, settings, tenant, clientId });
  if (application && !tenant.isHome) {
    const link = consentUrl(authorityHost, tenant.id, application.clientId);
    return {
      command,
      advice: `The registration must ask for it (docs/deploy.md); then an administrator of the tenant opens the link that the command prints, or, without its check, ${link}`,
    };
  }
  return {
    command,
    advice: application
      ? 'Run this in a shell, signed in as an administrator of the tenant (az login).'
      : "Run this in a shell, signed in as an administrator of the tenant (az login). A managed identity's token is kept by the platform for up to 24 hours after that.",
  };
}

/** How people in the home tenant get a delegated permission. */
export function howToGrantScope(
  { delegatedScope, resource }: Permission,
  { identity, onBehalfOf }: Pick<DoctorSettings, 'identity' | 'onBehalfOf'>,
): Pick<Finding, 'advice' | 'command'> {
  if (!onBehalfOf) return {};
  return {
    command: consentUrl(identity.authorityHost, identity.tenantId, onBehalfOf.clientId),
    advice: `The API registration must ask for ${delegatedScope} of ${resource}, and an administrator consents to it with this link.`,
  };
}
