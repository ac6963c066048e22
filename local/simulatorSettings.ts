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
    DEFENDER_TENANT_ID: company.tenantId,
    DEFENDER_CLIENT_ID: company.defenderClientId,
    DEFENDER_SECRET_NAME: company.secretName,
    KEY_VAULT_URL: urls.keyVault,
    AZURE_AUTHORITY_HOST: urls.entra,
    DEFENDER_API_URL: urls.defender,
    CALLER_AUDIENCE: `${company.apiClientId},${company.apiAudience}`,
    XDR_API_URL: urls.defender,
    GRAPH_API_URL: urls.graph,
    IDENTITY_ENDPOINT: urls.identity,
    IDENTITY_HEADER: identityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
  };
}
