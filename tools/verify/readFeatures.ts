import type { PermittedFeature } from '../../src/identity/permissions.ts';
import type { Environment } from '../../src/settings/SettingsReader.ts';

const featureOf: Readonly<
  Record<'alerts' | 'incidents' | 'hunting', Readonly<Record<string, PermittedFeature>>>
> = {
  alerts: { endpoint: 'readAlertsFromEndpoint', graph: 'readAlertsFromGraph' },
  incidents: { graph: 'readIncidentsFromGraph', xdr: 'readIncidentsFromXdr' },
  hunting: { graph: 'huntWithGraph', endpoint: 'huntWithEndpoint', xdr: 'huntWithXdr' },
};

/** What is switched on: the same values of the environment that infra/main.bicepparam reads. */
export function readFeatures(deployment: Environment): PermittedFeature[] {
  const { PULL_ALERTS, ACT_ON_DEVICES } = deployment;
  const { ALERTS_API = 'endpoint', INCIDENTS_API = 'graph', HUNTING_API = 'graph' } = deployment;
  const features = [
    PULL_ALERTS === 'false' ? undefined : ('pullAlerts' as const),
    ACT_ON_DEVICES === 'false' ? undefined : ('actOnDevices' as const),
    featureOf.alerts[ALERTS_API],
    featureOf.incidents[INCIDENTS_API],
    featureOf.hunting[HUNTING_API],
  ];
  return features.filter((feature) => feature !== undefined);
}
