import type { DefenderApi, Permission } from '../identity/permissions.ts';
import { permissionTable } from '../identity/permissions.ts';

/** Our words, which are those of Microsoft Graph, each with the word of one API. */
export type Words = Readonly<Record<string, string>>;

/** What an API allows its callers, as far as it is documented. */
export interface ReadingLimits {
  readonly callsPerMinute?: number;
  readonly callsPerHour?: number;
  /** The most records that one call gives. */
  readonly pageSize: number;
}

/** How one API lists alerts or incidents. */
export interface ReadingApi {
  readonly api: DefenderApi;
  /** The list; a single record is one segment below it. */
  readonly path: string;
  readonly permission: Permission;
  /**
   * How one record is asked for with all that belongs to it, as far as it does not come unasked: path and query, or a list
   * in which it is alone.
   */
  readonly wholePath?: (id: string) => string;
  /** Names of a record's id. */
  readonly id: readonly string[];
  /** The property to filter on. */
  readonly lastUpdate: string;
  /** Stands in for the last update where a record has none. */
  readonly creation: string;
  readonly statuses: Words;
  readonly severities: Words;
  /** False: the list cannot be filtered on the severity, so that what was read is sorted out afterwards. */
  readonly filtersOnSeverity: boolean;
  /** How the next page is asked for: by `$skip`, or by the link that a page has. */
  readonly paging: 'skip' | 'link';
  /** What `$skip` can be at most. */
  readonly maxSkip: number;
  readonly limits: ReadingLimits;
  /** How many calls one list may take: others have to live on the same quota. */
  readonly maxCalls: number;
}

const capitalSeverities: Words = {
  unknown: 'UnSpecified',
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
};
const graphSeverities: Words = {
  unknown: 'unknown',
  informational: 'informational',
  low: 'low',
  medium: 'medium',
  high: 'high',
};

/**
 * Where alerts can be read. Pages are smaller than allowed where records come with their evidence.
 * Sources: https://learn.microsoft.com/defender-endpoint/api/get-alerts,
 * https://learn.microsoft.com/graph/api/security-list-alerts_v2, https://learn.microsoft.com/graph/throttling-limits
 */
export const alertApis: Readonly<Record<'endpoint' | 'graph', ReadingApi>> = {
  endpoint: {
    api: 'endpoint',
    path: '/api/alerts',
    permission: permissionTable.readAlertsFromEndpoint,
    // `$expand` is documented for the list only, and so is the filter on the id.
    wholePath: (id) => `/api/alerts?$filter=${encodeURIComponent(`id eq '${id}'`)}&$expand=evidence`,
    id: ['id'],
    lastUpdate: 'lastUpdateTime',
    creation: 'alertCreationTime',
    statuses: { unknown: 'Unknown', new: 'New', inProgress: 'InProgress', resolved: 'Resolved' },
    severities: capitalSeverities,
    filtersOnSeverity: true,
    paging: 'skip',
    maxSkip: Infinity,
    limits: { callsPerMinute: 100, callsPerHour: 1_500, pageSize: 1_000 },
    maxCalls: 20,
  },
  graph: {
    api: 'graph',
    path: '/v1.0/security/alerts_v2',
    permission: permissionTable.readAlertsFromGraph,
    id: ['id'],
    lastUpdate: 'lastUpdateDateTime',
    creation: 'createdDateTime',
    statuses: { unknown: 'unknown', new: 'new', inProgress: 'inProgress', resolved: 'resolved' },
    severities: graphSeverities,
    filtersOnSeverity: true,
    paging: 'link',
    maxSkip: 500,
    limits: { callsPerMinute: 150, pageSize: 200 },
    maxCalls: 40,
  },
};

/**
 * Where incidents can be read.
 * Sources: https://learn.microsoft.com/graph/api/security-list-incidents,
 * https://learn.microsoft.com/defender-xdr/api-list-incidents, https://learn.microsoft.com/defender-xdr/api-incident
 */
export const incidentApis: Readonly<Record<'graph' | 'xdr', ReadingApi>> = {
  graph: {
    api: 'graph',
    path: '/v1.0/security/incidents',
    permission: permissionTable.readIncidentsFromGraph,
    wholePath: (id) => `/v1.0/security/incidents/${id}?$expand=alerts`,
    id: ['id'],
    lastUpdate: 'lastUpdateDateTime',
    creation: 'createdDateTime',
    statuses: {
      active: 'active',
      inProgress: 'inProgress',
      resolved: 'resolved',
      redirected: 'redirected',
    },
    severities: graphSeverities,
    filtersOnSeverity: true,
    paging: 'link',
    maxSkip: 500,
    limits: { pageSize: 50 },
    maxCalls: 60,
  },
  xdr: {
    api: 'xdr',
    path: '/api/incidents',
    permission: permissionTable.readIncidentsFromXdr,
    id: ['incidentId'],
    lastUpdate: 'lastUpdateTime',
    creation: 'createdTime',
    statuses: {
      active: 'Active',
      inProgress: 'InProgress',
      resolved: 'Resolved',
      redirected: 'Redirected',
    },
    severities: capitalSeverities,
    filtersOnSeverity: false,
    paging: 'skip',
    maxSkip: Infinity,
    limits: { callsPerMinute: 50, callsPerHour: 1_500, pageSize: 100 },
    maxCalls: 25,
  },
};

/** What can be asked for, in our words. */
export const severities = ['unknown', 'informational', 'low', 'medium', 'high'] as const;
export const alertStatuses = ['unknown', 'new', 'inProgress', 'resolved'] as const;
export const incidentStatuses = ['active', 'inProgress', 'resolved', 'redirected'] as const;

/** Our word for a text that is one of ours or of the API's, in whatever case. */
export function findWord(words: Words, text: string): string | undefined {
  const wanted = text.trim().toLowerCase();
  return Object.entries(words).find(([ours, theirs]) =>
    [ours.toLowerCase(), theirs.toLowerCase()].includes(wanted),
  )?.[0];
}
