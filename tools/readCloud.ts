import { clouds, endpointsOf, type CloudEndpoints } from '../src/settings/clouds.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { UsageError } from './runCommand.ts';

/**
 * Where Microsoft's services are for a deployment: as its cloud says or, before that, `GRAPH_API_URL` and
 * `AZURE_AUTHORITY_HOST`. @throws UsageError when nobody knows the cloud.
 */
export function readCloud(deployment: Environment): CloudEndpoints {
  const { DEFENDER_CLOUD: name = 'global', GRAPH_API_URL, AZURE_AUTHORITY_HOST } = deployment;
  const cloud = clouds.find((one) => one === name);
  if (!cloud) throw new UsageError(`DEFENDER_CLOUD must be one of ${clouds.join(', ')}.`);
  const endpoints = endpointsOf(cloud);
  return {
    ...endpoints,
    graphUrl: GRAPH_API_URL?.replace(/\/+$/, '') ?? endpoints.graphUrl,
    authorityHost: AZURE_AUTHORITY_HOST ?? endpoints.authorityHost,
  };
}
