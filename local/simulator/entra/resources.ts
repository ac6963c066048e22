import { callerApi } from './callerApi.ts';
import { everywhere, type Cloud } from './clouds.ts';
import type { Tenant } from './Principal.ts';

/** An API that tokens are issued for. */
export interface Resource {
  readonly appId: string;
  readonly displayName: string;
  /** The names by which a token can be asked for in each cloud, without a trailing slash. The appId is one too. */
  readonly servicePrincipalNames: Readonly<Record<Cloud, readonly string[]>>;
  /** The application roles that can be granted on it. */
  readonly appRoles: readonly string[];
  /** The permissions that an application can be given to act for a person. */
  readonly delegatedScopes: readonly string[];
  /** `appRoleAssignmentRequired`: whoever holds no role gets no token. Absent: everybody gets one. */
  readonly isAssignmentRequired?: boolean;
  /** Absent: Microsoft's own, which tenants have by themselves. */
  readonly homeTenantId?: string;
}

/**
 * WindowsDefenderATP: Defender for Endpoint.
 *
 * Source: service principal of a live tenant, https://github.com/maciejporebski/azure-ad-first-party-apps-permissions
 */
export const windowsDefenderAtp: Resource = {
  appId: 'fc780465-2017-40d4-a0c5-307022471b92',
  displayName: 'WindowsDefenderATP',
  servicePrincipalNames: {
    global: [
      'https://api.securitycenter.microsoft.com',
      'https://api.securitycenter.windows.com',
      'https://securitycenter.onmicrosoft.com/windowsatpservice',
      'https://api-us.securitycenter.microsoft.com',
      'https://api-eu.securitycenter.microsoft.com',
      'https://api-uk.securitycenter.microsoft.com',
      'https://api-au.securitycenter.microsoft.com',
    ],
    gcc: ['https://api-gcc.securitycenter.microsoft.us'],
    gccHigh: ['https://api-gov.securitycenter.microsoft.us'],
    dod: ['https://api-gov.securitycenter.microsoft.us'],
  },
  appRoles: [
    'AdvancedQuery.Read.All',
    'Alert.Read.All',
    'Alert.ReadWrite.All',
    'Event.Write',
    'File.Read.All',
    'IntegrationConfiguration.ReadWrite',
    'Ip.Read.All',
    'Library.Manage',
    'Machine.CollectForensics',
    'Machine.Isolate',
    'Machine.LiveResponse',
    'Machine.Offboard',
    'Machine.Read.All',
    'Machine.ReadWrite.All',
    'Machine.RestrictExecution',
    'Machine.Scan',
    'Machine.StopAndQuarantine',
    'RemediationTasks.Read.All',
    'Score.Read.All',
    'SecurityBaselinesAssessment.Read.All',
    'SecurityConfiguration.Read.All',
    'SecurityConfiguration.ReadWrite.All',
    'SecurityRecommendation.Read.All',
    'Software.Read.All',
    'Ti.Read.All',
    'Ti.ReadWrite',
    'Ti.ReadWrite.All',
    'Url.Read.All',
    'User.Read.All',
    'Vulnerability.Read.All',
  ],
  delegatedScopes: [
    'AdvancedQuery.Read',
    'Alert.Read',
    'Alert.ReadWrite',
    'File.Read.All',
    'Ip.Read.All',
    'Library.Manage',
    'Machine.CollectForensics',
    'Machine.Isolate',
    'Machine.LiveResponse',
    'Machine.Offboard',
    'Machine.Read',
    'Machine.ReadWrite',
    'Machine.RestrictExecution',
    'Machine.Scan',
    'Machine.StopAndQuarantine',
    'Score.Read',
    'SecurityRecommendation.Read',
    'Software.Read',
    'Ti.ReadWrite',
    'Url.Read.All',
    'User.Read.All',
    'Vulnerability.Read',
  ],
};

/** Microsoft Threat Protection: Defender XDR. It shares a host with Defender for Endpoint, but has no Alert roles. */
export const microsoftThreatProtection: Resource = {
  appId: '8ee8fdad-f234-4243-8f3b-15c294843740',
  displayName: 'Microsoft Threat Protection',
  servicePrincipalNames: {
    global: [
      'https://api.security.microsoft.com',
      'https://api-us.security.microsoft.com',
      'https://api-eu.security.microsoft.com',
      'https://api-uk.security.microsoft.com',
    ],
    gcc: ['https://api-gcc.security.microsoft.us'],
    gccHigh: ['https://api-gov.security.microsoft.us'],
    dod: ['https://api-gov.security.microsoft.us'],
  },
  appRoles: [
    'AdvancedHunting.Read.All',
    'Incident.Read.All',
    'Incident.ReadWrite.All',
    'CustomDetections.ReadWrite.All',
  ],
  delegatedScopes: [
    'AdvancedHunting.Read',
    'Incident.Read',
    'Incident.ReadWrite',
    'CustomDetections.ReadWrite',
  ],
};

const graphPermissions = [
  'SecurityAlert.Read.All',
  'SecurityAlert.ReadWrite.All',
  'SecurityIncident.Read.All',
  'SecurityIncident.ReadWrite.All',
  'SecurityEvents.Read.All',
  'ThreatHunting.Read.All',
];

/**
 * Microsoft Graph, with its security permissions only; a permission has the same name for applications and for people.
 *
 * Source: https://learn.microsoft.com/graph/deployments
 */
export const microsoftGraph: Resource = {
  appId: '00000003-0000-0000-c000-000000000000',
  displayName: 'Microsoft Graph',
  servicePrincipalNames: {
    global: ['https://graph.microsoft.com'],
    gcc: ['https://graph.microsoft.com'],
    gccHigh: ['https://graph.microsoft.us'],
    dod: ['https://dod-graph.microsoft.us'],
  },
  appRoles: graphPermissions,
  delegatedScopes: graphPermissions,
};

/**
 * Azure Key Vault; access is decided by Azure roles at the vault, not by application roles.
 *
 * Source of the names: https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
 */
export const azureKeyVault: Resource = {
  appId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  displayName: 'Azure Key Vault',
  servicePrincipalNames: {
    global: ['https://vault.azure.net'],
    gcc: ['https://vault.azure.net'],
    gccHigh: ['https://vault.usgovcloudapi.net'],
    dod: ['https://vault.usgovcloudapi.net'],
  },
  appRoles: [],
  delegatedScopes: [],
};

/** Azure Storage, so that a client can ask for its token; the storage emulator does not check roles. */
export const azureStorage: Resource = {
  appId: 'e406a681-f3d4-42a8-90b6-c2b149497af1',
  displayName: 'Azure Storage',
  servicePrincipalNames: everywhere(['https://storage.azure.com']),
  appRoles: [],
  delegatedScopes: [],
};

/**
 * What a managed identity asks a token for that another application shall accept as proof.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity. The
 * appId is the public cloud's, as seen in tokens; that of the US Government's cloud is not known.
 */
export const tokenExchange: Resource = {
  appId: 'fb60f99c-7a34-4190-8149-302f77469936',
  displayName: 'AAD Token Exchange Endpoint',
  servicePrincipalNames: {
    global: ['api://AzureADTokenExchange'],
    gcc: ['api://AzureADTokenExchange'],
    gccHigh: ['api://AzureADTokenExchangeUSGov'],
    dod: ['api://AzureADTokenExchangeUSGov'],
  },
  appRoles: [],
  delegatedScopes: [],
};

/** All resources that a simulated tenant can have. */
export const resources: readonly Resource[] = [
  windowsDefenderAtp,
  microsoftThreatProtection,
  microsoftGraph,
  azureKeyVault,
  azureStorage,
  tokenExchange,
  callerApi,
];

/** The resource with this name in any cloud, with or without a trailing slash. */
export function findResource(identifier: string): Resource | undefined {
  return resources.find((one) => hasName(one, Object.values(one.servicePrincipalNames).flat(), identifier));
}

/** The resource with this name in a tenant: in its cloud, and only if the tenant has it. */
export function findResourceIn(
  { id, cloud, missingResources }: Pick<Tenant, 'id' | 'cloud' | 'missingResources'>,
  identifier: string,
): Resource | undefined {
  const found = resources.find((one) => hasName(one, one.servicePrincipalNames[cloud], identifier));
  const isMissing = found === undefined || missingResources.has(found.appId);
  return isMissing || (found.homeTenantId !== undefined && found.homeTenantId !== id) ? undefined : found;
}

function hasName({ appId }: Resource, names: readonly string[], identifier: string): boolean {
  const wanted = identifier.replace(/\/$/, '').toLowerCase();
  return appId === wanted || names.some((name) => name.toLowerCase() === wanted);
}
