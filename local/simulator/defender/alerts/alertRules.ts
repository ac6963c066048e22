import type { FilterSchema } from '../../odata/FilterExpression.ts';
import type { CollectionRules } from '../../odata/parseQueryOptions.ts';
import { largestPage } from '../answerEntities.ts';

/** The severities of an alert, in Microsoft's spelling. */
export const severities = ['UnSpecified', 'Informational', 'Low', 'Medium', 'High'] as const;

/** The states of an alert. */
export const statuses = ['Unknown', 'New', 'InProgress', 'Resolved'] as const;

/** The properties that the documentation lists for `$filter`. */
const filterable: FilterSchema = {
  properties: {
    alertCreationTime: { kind: 'instant' },
    lastUpdateTime: { kind: 'instant' },
    lastEventTime: { kind: 'instant' },
    incidentId: { kind: 'number' },
    investigationId: { kind: 'number' },
    id: { kind: 'string' },
    assignedTo: { kind: 'string' },
    detectionSource: { kind: 'string' },
    category: { kind: 'string' },
    status: { kind: 'enum', members: statuses },
    severity: { kind: 'enum', members: severities },
  },
  aliases: { InvestigationId: 'investigationId' }, // The documentation writes both.
};

/** `$orderby` is undocumented and widely used: allowed on the same properties and the other times. */
const sortable: FilterSchema = {
  properties: {
    ...filterable.properties,
    firstEventTime: { kind: 'instant' },
    resolvedTime: { kind: 'instant' },
  },
};

/** Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts */
export const alertRules: CollectionRules = {
  filter: filterable,
  orderBy: sortable,
  expandable: ['evidence'],
  largestTop: largestPage,
};

/** All properties that a query can refer to, with their types. */
export const alertProperties = sortable.properties;
