import type { CollectionRules } from '../../odata/parseQueryOptions.ts';
import { incidentStatuses } from './Incident.ts';

/** Largest `$top` of incidents in Defender XDR, and the page size when there is none. */
export const largestIncidentPage = 100;

/** What the list of incidents can be asked. Source: https://learn.microsoft.com/defender-xdr/api-list-incidents */
export const incidentRules: CollectionRules = {
  filter: {
    properties: {
      lastUpdateTime: { kind: 'instant' },
      createdTime: { kind: 'instant' },
      status: { kind: 'enum', members: incidentStatuses },
      assignedTo: { kind: 'string' },
    },
  },
  largestTop: largestIncidentPage,
};
