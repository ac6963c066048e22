import type { CollectionRules } from '../../odata/parseQueryOptions.ts';
import {
  graphAlertStatuses,
  graphClassifications,
  graphDeterminations,
  graphServiceSources,
  graphSeverities,
} from '../enumerations.ts';

/** The page size of a query without `$top`. Not documented; the samples of others ask for so many. */
export const usualAlertPage = 100;

/**
 * What the list of alerts can be asked.
 *
 * Source: https://learn.microsoft.com/graph/api/security-list-alerts_v2#optional-query-parameters,
 * https://learn.microsoft.com/graph/api/resources/security-error-codes#constraints (limits of `$top` and `$skip`)
 */
export const graphAlertRules: CollectionRules = {
  filter: {
    properties: {
      assignedTo: { kind: 'string' },
      classification: { kind: 'enum', members: graphClassifications },
      determination: { kind: 'enum', members: graphDeterminations },
      createdDateTime: { kind: 'instant' },
      lastUpdateDateTime: { kind: 'instant' },
      severity: { kind: 'enum', members: graphSeverities },
      serviceSource: { kind: 'enum', members: graphServiceSources },
      status: { kind: 'enum', members: graphAlertStatuses },
    },
  },
  largestTop: 1000,
  largestSkip: 500,
  hasCount: true,
  hasSkipToken: true,
};
