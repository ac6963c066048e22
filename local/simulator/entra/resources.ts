import { callerApi } from './callerApi.ts';

/** An API that tokens are issued for. */
export interface Resource {
  readonly appId: string;
  readonly displayName: string;
  /** The names by which a token can be asked for, without a trailing slash. The appId is one too. */
  readonly servicePrincipalNames: readonly string[];
  /** The application roles that can be granted on it. */
  readonly appRoles: readonly string[];
  /** `appRoleAssignmentRequired`: whoever holds no role gets no token. Absent: everybody gets one. */
  readonly isAssignmentRequired?: boolean;
}

/**
 * WindowsDefenderATP: Defender for Endpoint.
 *
 * Source: service principal of a live tenant, https://github.com/maciejporebski/azure-ad-first-party-apps-permissions
 */
export const windowsDefenderAtp: Resource = {
  appId: 'fc780465-2017-40d4-a0c5-307022471b92',
  displayName: 'WindowsDefenderATP',
  servicePrincipalNames: [
    'https://api.securitycenter.microsoft.com',
    'https://api.securitycenter.windows.com',
    'https://securitycenter.onmicrosoft.com/windowsatpservice',
    'https://api-us.securitycenter.microsoft.com',
    'https://api-eu.securitycenter.microsoft.com',
    'https://api-uk.securitycenter.microsoft.com',
    'https://api-au.securitycenter.microsoft.com',
    'https://api-gcc.securitycenter.microsoft.us',
    'https://api-gov.securitycenter.microsoft.us',
  ],
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
};

/** Microsoft Threat Protection: Defender XDR. It shares a host with Defender for Endpoint, but has no Alert roles. */
export const microsoftThreatProtection: Resource = {
  appId: '8ee8fdad-f234-4243-8f3b-15c294843740',
  displayName: 'Microsoft Threat Protection',
  servicePrincipalNames: [
    'https://api.security.microsoft.com',
    'https://api-us.security.microsoft.com',
    'https://api-eu.security.microsoft.com',
    'https://api-uk.security.microsoft.com',
  ],
  appRoles: [
    'AdvancedHunting.Read.All',
    'Incident.Read.All',
    'Incident.ReadWrite.All',
    'CustomDetections.ReadWrite.All',
  ],
};

/** Microsoft Graph, with its security permissions only. */
export const microsoftGraph: Resource = {
  appId: '00000003-0000-0000-c000-000000000000',
  displayName: 'Microsoft Graph',
  servicePrincipalNames: ['https://graph.microsoft.com'],
  appRoles: [
    'SecurityAlert.Read.All',
    'SecurityAlert.ReadWrite.All',
    'SecurityIncident.Read.All',
    'SecurityIncident.ReadWrite.All',
    'SecurityEvents.Read.All',
    'ThreatHunting.Read.All',
  ],
};

/** Azure Key Vault; access is decided by Azure roles at the vault, not by application roles. */
export const azureKeyVault: Resource = {
  appId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  displayName: 'Azure Key Vault',
  servicePrincipalNames: ['https://vault.azure.net'],
  appRoles: [],
};

/** Azure Storage, so that a client can ask for its token; the storage emulator does not check roles. */
export const azureStorage: Resource = {
  appId: 'e406a681-f3d4-42a8-90b6-c2b149497af1',
  displayName: 'Azure Storage',
  servicePrincipalNames: ['https://storage.azure.com'],
  appRoles: [],
};

/** All resources with a service principal in the simulated tenant. */
export const resources: readonly Resource[] = [
  windowsDefenderAtp,
  microsoftThreatProtection,
  microsoftGraph,
  azureKeyVault,
  azureStorage,
  callerApi,
];

/** The resource with this name, with or without a trailing slash. */
export function findResource(identifier: string): Resource | undefined {
  const name = identifier.replace(/\/$/, '').toLowerCase();
  return resources.find((one) => one.appId === name || one.servicePrincipalNames.includes(name));
}
