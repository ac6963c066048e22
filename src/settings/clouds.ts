export const clouds = ['global', 'gcc', 'gccHigh', 'dod'] as const;

/** Which of Microsoft's clouds a tenant is in. GCC shares Entra and Azure with the global cloud; GCC High and DoD do not. */
export type Cloud = (typeof clouds)[number];

export const regions = ['us', 'eu', 'uk', 'au', 'swa', 'ina', 'aea'] as const;

/** Where Defender for Endpoint keeps a tenant's data; the global cloud only. */
export type Region = (typeof regions)[number];

/** Where a cloud's services are, and what tokens for them are asked for. URLs have no closing slash. */
export interface CloudEndpoints {
  readonly authorityHost: string;
  readonly endpointUrl: string;
  readonly endpointAudience: string;
  readonly xdrUrl: string;
  readonly xdrAudience: string;
  readonly graphUrl: string;
  readonly graphAudience: string;
  /** What a managed identity's token is for when it proves to be an application. */
  readonly federatedAudience: string;
  /** Follows the name of a vault. */
  readonly vaultSuffix: string;
  /** Follows the name of a storage account and of its service. */
  readonly storageSuffix: string;
}

const publicAzure = {
  authorityHost: 'https://login.microsoftonline.com',
  federatedAudience: 'api://AzureADTokenExchange',
  vaultSuffix: 'vault.azure.net',
  storageSuffix: 'core.windows.net',
};
const governmentAzure = {
  authorityHost: 'https://login.microsoftonline.us',
  federatedAudience: 'api://AzureADTokenExchangeUSGov',
  vaultSuffix: 'vault.usgovcloudapi.net',
  storageSuffix: 'core.usgovcloudapi.net',
};
const governmentDefender = {
  endpointUrl: 'https://api-gov.securitycenter.microsoft.us',
  endpointAudience: 'https://api-gov.securitycenter.microsoft.us',
  xdrUrl: 'https://api-gov.security.microsoft.us',
  xdrAudience: 'https://api-gov.security.microsoft.us',
};
const publicGraph = {
  graphUrl: 'https://graph.microsoft.com',
  graphAudience: 'https://graph.microsoft.com',
};

const endpointsByCloud: Readonly<Record<Cloud, CloudEndpoints>> = {
  global: {
    ...publicAzure,
    ...publicGraph,
    endpointUrl: 'https://api.security.microsoft.com',
    endpointAudience: 'https://api.securitycenter.microsoft.com',
    xdrUrl: 'https://api.security.microsoft.com',
    xdrAudience: 'https://api.security.microsoft.com',
  },
  gcc: {
    ...publicAzure,
    ...publicGraph,
    endpointUrl: 'https://api-gcc.securitycenter.microsoft.us',
    endpointAudience: 'https://api-gcc.securitycenter.microsoft.us',
    xdrUrl: 'https://api-gcc.security.microsoft.us',
    xdrAudience: 'https://api-gcc.security.microsoft.us',
  },
  gccHigh: {
    ...governmentAzure,
    ...governmentDefender,
    graphUrl: 'https://graph.microsoft.us',
    graphAudience: 'https://graph.microsoft.us',
  },
  dod: {
    ...governmentAzure,
    ...governmentDefender,
    graphUrl: 'https://dod-graph.microsoft.us',
    graphAudience: 'https://dod-graph.microsoft.us',
  },
};

/**
 * What the documentation says of a cloud. A region changes the host of Defender for Endpoint only; the audience stays.
 * Sources: https://learn.microsoft.com/defender-endpoint/gov, https://learn.microsoft.com/defender-xdr/usgov,
 * https://learn.microsoft.com/graph/deployments, https://learn.microsoft.com/defender-endpoint/api/exposed-apis-list,
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export function endpointsOf(cloud: Cloud, region?: Region): CloudEndpoints {
  const endpoints = endpointsByCloud[cloud];
  if (cloud !== 'global' || region === undefined) return endpoints;
  return { ...endpoints, endpointUrl: `https://${region}.api.security.microsoft.com` };
}
