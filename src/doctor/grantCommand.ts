import type { Permission } from '../identity/permissions.ts';
import { endpointsOf } from '../settings/clouds.ts';
import type { DoctorSettings } from './parseDoctorSettings.ts';
import type { Tenant } from '../tenants/Tenant.ts';

export interface Grant {
  readonly permission: Permission;
  readonly settings: Pick<DoctorSettings, 'identity'>;
  readonly tenant: Pick<Tenant, 'name' | 'cloud' | 'isHome'>;
  /** The client id that the token names; undefined when there is none to read. */
  readonly clientId: string | undefined;
}

/**
 * What grants an application role: for the shell of who administers the tenant, or, in a customer's tenant, what prints the
 * link for their administrator. Ids of roles differ between clouds, so the role is looked up by its name.
 * Sources: https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments,
 * https://learn.microsoft.com/cli/azure/ad/sp, https://learn.microsoft.com/cli/azure/use-azure-cli-rest-command
 */
export function grantCommand({ permission, settings, tenant, clientId }: Grant): string {
  const { application, managedIdentityClientId } = settings.identity;
  if (application && !tenant.isHome) return `npm run tenants -- consent-url '${tenant.name}'`;
  const { role, resourceAppId } = permission;
  const principal =
    clientId ?? application?.clientId ?? managedIdentityClientId ?? '<object id of the managed identity>';
  const { graphUrl } = endpointsOf(tenant.cloud);
  const body = String.raw`"{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}"`;
  return [
    `principal=$(az ad sp show --id '${principal}' --query id -o tsv)`,
    `resource=$(az ad sp show --id ${resourceAppId} --query id -o tsv)`,
    `role=$(az ad sp show --id ${resourceAppId} --query "appRoles[?value=='${role}'].id | [0]" -o tsv)`,
    `az rest --method POST --resource ${graphUrl} --url "${graphUrl}/v1.0/servicePrincipals/$principal/appRoleAssignments" --body ${body}`,
  ].join(' && ');
}

/** The link by which an administrator consents to what a registration asks for. Source: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent */
export function consentUrl(authorityHost: string, tenantId: string, clientId: string): string {
  return `${authorityHost}/${tenantId}/adminconsent?client_id=${clientId}`;
}
