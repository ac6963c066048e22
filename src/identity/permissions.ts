/** What the app can be switched to do in Defender; infra/main.bicep turns each on or off. */
export type PermittedFeature =
  'pullAlerts' | 'actOnDevices' | 'huntWithGraph' | 'huntWithEndpoint' | 'huntWithXdr';

/** An application role that one feature needs; nothing else is ever asked for. */
export interface Permission {
  readonly feature: PermittedFeature;
  /** As "APIs my organization uses" lists it. */
  readonly resource: string;
  /** The same in every tenant. */
  readonly resourceAppId: string;
  /** The application role, by the name that the deployment looks up. */
  readonly role: string;
  /** The id of that role, the same in every tenant of the global cloud. */
  readonly roleId: string;
  /** What the same needs when a person signs in instead; the app itself never does. */
  readonly delegatedScope: string;
  /** The calls that are refused without it. */
  readonly why: string;
  /** The settings that decide whether those calls are made, and to whom. */
  readonly settings: readonly string[];
}

const endpoint = { resource: 'WindowsDefenderATP', resourceAppId: 'fc780465-2017-40d4-a0c5-307022471b92' };
const xdr = {
  resource: 'Microsoft Threat Protection',
  resourceAppId: '8ee8fdad-f234-4243-8f3b-15c294843740',
};
const graph = { resource: 'Microsoft Graph', resourceAppId: '00000003-0000-0000-c000-000000000000' };

/**
 * Every permission that the app needs, by feature. `npm run docs` writes infra/permissions.json, from which the
 * deployment grants them, and docs/permissions.md.
 * Sources: https://learn.microsoft.com/defender-endpoint/api/get-alerts,
 * https://learn.microsoft.com/defender-endpoint/api/isolate-machine,
 * https://learn.microsoft.com/defender-endpoint/api/get-machines,
 * https://learn.microsoft.com/graph/api/security-security-runhuntingquery,
 * https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api,
 * https://learn.microsoft.com/defender-xdr/api-advanced-hunting
 */
export const permissions: readonly Permission[] = [
  {
    feature: 'pullAlerts',
    ...endpoint,
    role: 'Alert.Read.All',
    roleId: '71fe6b80-7034-4028-9ed8-0f316df9c3ff',
    delegatedScope: 'Alert.Read',
    why: 'GET /api/alerts: reads new and changed alerts with their evidence.',
    settings: ['ALERT_PULL_SCHEDULE', 'DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  {
    feature: 'actOnDevices',
    ...endpoint,
    role: 'Machine.Isolate',
    roleId: '7e4e1300-e1b9-4102-88ba-f0cb6e6d5974',
    delegatedScope: 'Machine.Isolate',
    why: 'POST /api/machines/{id}/isolate and /unisolate, and the cancelling of such an action.',
    settings: ['DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  {
    feature: 'actOnDevices',
    ...endpoint,
    role: 'Machine.Read.All',
    roleId: 'ea8291d3-4b9a-44b5-bc3a-6cea3026dc79',
    delegatedScope: 'Machine.Read',
    why: 'GET /api/machines and /api/machineactions: finds the one device that is meant, and follows the action to its end.',
    settings: ['DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  {
    feature: 'huntWithGraph',
    ...graph,
    role: 'ThreatHunting.Read.All',
    roleId: 'dd98c7f5-2d42-42d3-a0e4-633161547251',
    delegatedScope: 'ThreatHunting.Read.All',
    why: 'POST /v1.0/security/runHuntingQuery: runs hunting queries.',
    settings: ['HUNTING_API', 'GRAPH_API_URL', 'GRAPH_API_AUDIENCE'],
  },
  {
    feature: 'huntWithEndpoint',
    ...endpoint,
    role: 'AdvancedQuery.Read.All',
    roleId: '93489bf5-0fbc-4f2d-b901-33f2fe08ff05',
    delegatedScope: 'AdvancedQuery.Read',
    why: 'POST /api/advancedqueries/run: runs hunting queries, until 2027-02-01.',
    settings: ['HUNTING_API', 'DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  {
    feature: 'huntWithXdr',
    ...xdr,
    role: 'AdvancedHunting.Read.All',
    roleId: '7734e8e5-8dde-42fc-b5ae-6eafea078693',
    delegatedScope: 'AdvancedHunting.Read',
    why: 'POST /api/advancedhunting/run: runs hunting queries, until 2027-02-01.',
    settings: ['HUNTING_API', 'XDR_API_URL', 'XDR_API_AUDIENCE'],
  },
];
