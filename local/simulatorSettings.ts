import type { Simulator } from './simulator/startSimulator.ts';

/** The app settings that point the functions at a running simulator. */
export function simulatorSettings({
  urls,
  company,
  identityHeader,
  caFile,
}: Pick<Simulator, 'urls' | 'caFile' | 'identityHeader' | 'company'>): Record<string, string> {
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    DEFENDER_CLOUD: company.cloud,
    DEFENDER_TENANT_ID: company.tenantId,
    DEFENDER_CLIENT_ID: company.defenderClientId,
    DEFENDER_SECRET_NAME: company.secretName,
    DEFENDER_CERTIFICATE_NAME: company.certificateName,
    KEY_VAULT_URL: urls.keyVault,
    AZURE_AUTHORITY_HOST: urls.entra,
    DEFENDER_API_URL: urls.defender,
    CALLER_AUDIENCE: `${company.apiClientId},${company.apiAudience}`,
    ON_BEHALF_OF_SECRET_NAME: company.apiSecretName,
    ON_BEHALF_OF_CERTIFICATE_NAME: company.apiCertificateName,
    PUBLIC_CLIENT_ID: company.publicClientId,
    XDR_API_URL: urls.defender,
    GRAPH_API_URL: urls.graph,
    IDENTITY_ENDPOINT: urls.identity,
    IDENTITY_HEADER: identityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
  };
}
