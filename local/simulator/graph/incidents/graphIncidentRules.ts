import type { CollectionRules } from '../../odata/parseQueryOptions.ts';
import {
  graphClassifications,
  graphDeterminations,
  graphIncidentStatuses,
  graphSeverities,
} from '../enumerations.ts';

/** Largest `$top` of incidents, as others found it, and the page size when there is none. */
export const largestIncidentPage = 50;

/** What the list of incidents can be asked. Source: https://learn.microsoft.com/graph/api/security-list-incidents#optional-query-parameters */
export const graphIncidentRules: CollectionRules = {
  filter: {
    properties: {
      assignedTo: { kind: 'string' },
      classification: { kind: 'enum', members: graphClassifications },
      createdDateTime: { kind: 'instant' },
      determination: { kind: 'enum', members: graphDeterminations },
      lastUpdateDateTime: { kind: 'instant' },
      severity: { kind: 'enum', members: graphSeverities },
      status: { kind: 'enum', members: graphIncidentStatuses },
    },
  },
  expandable: ['alerts'],
  largestTop: largestIncidentPage,
  hasCount: true,
  hasSkipToken: true,
};
