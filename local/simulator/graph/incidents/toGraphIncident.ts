import { toTimestamp } from '../../clock/ticks.ts';
import type { Estate } from '../../company/Estate.ts';
import type { Incident } from '../../defender/incidents/Incident.ts';
import { placeOf } from '../../defender/incidents/placeOf.ts';
import { RawJson, writeObject } from '../../http/RawJson.ts';
import type { Selectable } from '../../odata/selectPage.ts';
import { toComparables } from '../../odata/toComparables.ts';
import { toGraphAlert, toIncidentWebUrl } from '../alerts/toGraphAlert.ts';
import {
  graphClassifications,
  graphDeterminations,
  graphIncidentStatuses,
  graphSeverities,
  toMember,
} from '../enumerations.ts';
import { toGraphComments } from '../toGraphComments.ts';
import { graphIncidentRules } from './graphIncidentRules.ts';

/** An incident as a query of Graph sees it. */
export interface GraphIncident extends Selectable {
  /** The JSON that is sent, with or without its alerts. */
  readonly toText: (isExpanded: boolean) => string;
}

/** Prepares an incident for a query. Source: https://learn.microsoft.com/graph/api/resources/security-incident */
export function toGraphIncident(incident: Incident, { company, machines }: Estate): GraphIncident {
  const fields = toFields(incident, company.tenantId);
  return {
    key: incident.id,
    place: placeOf(incident),
    comparable: toComparables(fields, graphIncidentRules.filter.properties),
    toText(isExpanded) {
      if (!isExpanded) return writeObject(fields);
      const alerts = incident.alerts.map((alert) => writeObject(toGraphAlert(alert, machines)));
      return writeObject({ ...fields, alerts: new RawJson(`[${alerts.join(',')}]`) });
    },
  };
}

function toFields(incident: Incident, tenantId: string): Readonly<Record<string, unknown>> {
  const { id, redirectIncidentId } = incident;
  return {
    '@odata.type': '#microsoft.graph.security.incident',
    id,
    tenantId,
    status: toMember(incident.status, graphIncidentStatuses),
    incidentWebUrl: toIncidentWebUrl(id, tenantId),
    redirectIncidentId: redirectIncidentId === null ? null : String(redirectIncidentId),
    displayName: incident.name,
    createdDateTime: toTimestamp(incident.createdTicks),
    lastUpdateDateTime: toTimestamp(incident.updatedTicks),
    assignedTo: incident.assignedTo,
    classification: toMember(incident.classification, graphClassifications),
    determination: toMember(incident.determination, graphDeterminations),
    severity: toMember(incident.severity, graphSeverities),
    customTags: incident.tags,
    systemTags: [],
    description: null,
    comments: toGraphComments(incident.comments),
  };
}
