/** What the app can be switched to do in Defender; infra/main.bicep turns each on or off. */
export type PermittedFeature =
  | 'pullAlerts'
  | 'actOnDevices'
  | 'huntWithGraph'
  | 'huntWithEndpoint'
  | 'huntWithXdr'
  | 'readAlertsFromEndpoint'
  | 'readAlertsFromGraph'
  | 'readIncidentsFromGraph'
  | 'readIncidentsFromXdr';

/** An API of Microsoft's, each with a host and an audience of its own. */
export type DefenderApi = 'endpoint' | 'xdr' | 'graph';

/** An application role that one feature needs; nothing else is ever asked for. */
export interface Permission {
  readonly feature: PermittedFeature;
  readonly api: DefenderApi;
  /** As "APIs my organization uses" lists it. */
  readonly resource: string;
  /** The same in every tenant. */
  readonly resourceAppId: string;
  /** The application role, by the name that the deployment looks up. */
  readonly role: string;
  /** Roles that allow more, and this too: whoever has one needs nothing else. */
  readonly otherRoles: readonly string[];
  /** The id of that role, the same in every tenant of the global cloud. */
  readonly roleId: string;
  /** What the same needs in the token of a person, on whose behalf it is done. */
  readonly delegatedScope: string;
  /** Likewise, scopes that allow more. */
  readonly otherScopes: readonly string[];
  /** The calls that are refused without it. */
  readonly why: string;
  /** The settings that decide whether those calls are made, and to whom. */
  readonly settings: readonly string[];
}

const endpoint = {
  api: 'endpoint',
  resource: 'WindowsDefenderATP',
  resourceAppId: 'fc780465-2017-40d4-a0c5-307022471b92',
} as const;
const xdr = {
  api: 'xdr',
  resource: 'Microsoft Threat Protection',
  resourceAppId: '8ee8fdad-f234-4243-8f3b-15c294843740',
} as const;
const graph = {
  api: 'graph',
  resource: 'Microsoft Graph',
  resourceAppId: '00000003-0000-0000-c000-000000000000',
} as const;

const alertsOfEndpoint = {
  ...endpoint,
  role: 'Alert.Read.All',
  otherRoles: ['Alert.ReadWrite.All'],
  roleId: '71fe6b80-7034-4028-9ed8-0f316df9c3ff',
  delegatedScope: 'Alert.Read',
  otherScopes: ['Alert.ReadWrite'],
};

/**
 * Every permission that the app needs, by what needs it. `npm run docs` writes infra/permissions.json, from which the
 * deployment grants them, and docs/permissions.md.
 * Sources: https://learn.microsoft.com/defender-endpoint/api/get-alerts,
 * https://learn.microsoft.com/defender-endpoint/api/isolate-machine,
 * https://learn.microsoft.com/defender-endpoint/api/get-machines,
 * https://learn.microsoft.com/graph/api/security-security-runhuntingquery,
 * https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api,
 * https://learn.microsoft.com/defender-xdr/api-advanced-hunting,
 * https://learn.microsoft.com/graph/api/security-list-alerts_v2,
 * https://learn.microsoft.com/graph/api/security-list-incidents,
 * https://learn.microsoft.com/defender-xdr/api-list-incidents
 */
export const permissionTable = {
  pullAlerts: {
    feature: 'pullAlerts',
    ...alertsOfEndpoint,
    why: 'GET /api/alerts: reads new and changed alerts with their evidence.',
    settings: ['ALERT_PULL_SCHEDULE', 'DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  isolateDevices: {
    feature: 'actOnDevices',
    ...endpoint,
    role: 'Machine.Isolate',
    otherRoles: [],
    roleId: '7e4e1300-e1b9-4102-88ba-f0cb6e6d5974',
    delegatedScope: 'Machine.Isolate',
    otherScopes: [],
    why: 'POST /api/machines/{id}/isolate and /unisolate, and the cancelling of such an action.',
    settings: ['DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  readDevices: {
    feature: 'actOnDevices',
    ...endpoint,
    role: 'Machine.Read.All',
    otherRoles: ['Machine.ReadWrite.All'],
    roleId: 'ea8291d3-4b9a-44b5-bc3a-6cea3026dc79',
    delegatedScope: 'Machine.Read',
    otherScopes: ['Machine.ReadWrite'],
    why: 'GET /api/machines and /api/machineactions: finds the one device that is meant, and follows the action to its end.',
    settings: ['DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  huntWithGraph: {
    feature: 'huntWithGraph',
    ...graph,
    role: 'ThreatHunting.Read.All',
    otherRoles: [],
    roleId: 'dd98c7f5-2d42-42d3-a0e4-633161547251',
    delegatedScope: 'ThreatHunting.Read.All',
    otherScopes: [],
    why: 'POST /v1.0/security/runHuntingQuery: runs hunting queries.',
    settings: ['HUNTING_API', 'GRAPH_API_URL', 'GRAPH_API_AUDIENCE'],
  },
  huntWithEndpoint: {
    feature: 'huntWithEndpoint',
    ...endpoint,
    role: 'AdvancedQuery.Read.All',
    otherRoles: [],
    roleId: '93489bf5-0fbc-4f2d-b901-33f2fe08ff05',
    delegatedScope: 'AdvancedQuery.Read',
    otherScopes: [],
    why: 'POST /api/advancedqueries/run: runs hunting queries, until 2027-02-01.',
    settings: ['HUNTING_API', 'DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  huntWithXdr: {
    feature: 'huntWithXdr',
    ...xdr,
    role: 'AdvancedHunting.Read.All',
    otherRoles: [],
    roleId: '7734e8e5-8dde-42fc-b5ae-6eafea078693',
    delegatedScope: 'AdvancedHunting.Read',
    otherScopes: [],
    why: 'POST /api/advancedhunting/run: runs hunting queries, until 2027-02-01.',
    settings: ['HUNTING_API', 'XDR_API_URL', 'XDR_API_AUDIENCE'],
  },
  readAlertsFromEndpoint: {
    feature: 'readAlertsFromEndpoint',
    ...alertsOfEndpoint,
    why: 'GET /api/alerts and /api/alerts/{id}: reads alerts for callers.',
    settings: ['ALERTS_API', 'DEFENDER_API_URL', 'DEFENDER_API_AUDIENCE'],
  },
  readAlertsFromGraph: {
    feature: 'readAlertsFromGraph',
    ...graph,
    role: 'SecurityAlert.Read.All',
    otherRoles: ['SecurityAlert.ReadWrite.All'],
    roleId: '472e4a4d-bb4a-4026-98d1-0b0d74cb74a5',
    delegatedScope: 'SecurityAlert.Read.All',
    otherScopes: ['SecurityAlert.ReadWrite.All'],
    why: 'GET /v1.0/security/alerts_v2 and /alerts_v2/{id}: reads alerts for callers.',
    settings: ['ALERTS_API', 'GRAPH_API_URL', 'GRAPH_API_AUDIENCE'],
  },
  readIncidentsFromGraph: {
    feature: 'readIncidentsFromGraph',
    ...graph,
    role: 'SecurityIncident.Read.All',
    otherRoles: ['SecurityIncident.ReadWrite.All'],
    roleId: '45cc0394-e837-488b-a098-1918f48d186c',
    delegatedScope: 'SecurityIncident.Read.All',
    otherScopes: ['SecurityIncident.ReadWrite.All'],
    why: 'GET /v1.0/security/incidents and /incidents/{id}: reads incidents for callers.',
    settings: ['INCIDENTS_API', 'GRAPH_API_URL', 'GRAPH_API_AUDIENCE'],
  },
  readIncidentsFromXdr: {
    feature: 'readIncidentsFromXdr',
    ...xdr,
    role: 'Incident.Read.All',
    otherRoles: ['Incident.ReadWrite.All'],
    roleId: 'a9790345-4595-42e4-971a-ccdc79f19b7c',
    delegatedScope: 'Incident.Read',
    otherScopes: ['Incident.ReadWrite'],
    why: 'GET /api/incidents and /api/incidents/{id}: reads incidents for callers.',
    settings: ['INCIDENTS_API', 'XDR_API_URL', 'XDR_API_AUDIENCE'],
  },
} as const satisfies Readonly<Record<string, Permission>>;

/** The same as a list. */
export const permissions: readonly Permission[] = Object.values(permissionTable);

/** Whether a token that carries these roles, or of a person these scopes, is enough. */
export function isPermitted(
  permission: Permission,
  granted: {
    readonly isPerson: boolean;
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
  },
): boolean {
  const { role, otherRoles, delegatedScope, otherScopes } = permission;
  return granted.isPerson
    ? [delegatedScope, ...otherScopes].some((scope) => granted.scopes.includes(scope))
    : [role, ...otherRoles].some((one) => granted.roles.includes(one));
}
