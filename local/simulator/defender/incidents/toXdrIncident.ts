import { toTimestamp } from '../../clock/ticks.ts';
import { RawJson, writeObject } from '../../http/RawJson.ts';
import type { Selectable } from '../../odata/selectPage.ts';
import type { MachineStore } from '../machines/MachineStore.ts';
import type { Incident } from './Incident.ts';
import { placeOf } from './placeOf.ts';
import { toXdrAlert } from './toXdrAlert.ts';

/** An incident as a query of Defender XDR sees it. */
export interface XdrIncident extends Selectable {
  /** The JSON that is sent. */
  readonly toText: () => string;
}

/** Prepares an incident for a query. */
export function toXdrIncident(incident: Incident, machines: MachineStore): XdrIncident {
  const { id, status, assignedTo, createdTicks, updatedTicks } = incident;
  return {
    key: id,
    place: placeOf(incident),
    comparable: { createdTime: createdTicks, lastUpdateTime: updatedTicks, status, assignedTo },
    toText: () => writeIncident(incident, machines),
  };
}

/** Source: https://learn.microsoft.com/defender-xdr/api-list-incidents#schema-mapping */
function writeIncident(incident: Incident, machines: MachineStore): string {
  const alerts = incident.alerts.map((alert) => writeObject(toXdrAlert(alert, incident.id, machines)));
  return writeObject({
    incidentId: Number(incident.id),
    redirectIncidentId: incident.redirectIncidentId,
    incidentName: incident.name,
    createdTime: toTimestamp(incident.createdTicks),
    lastUpdateTime: toTimestamp(incident.updatedTicks),
    assignedTo: incident.assignedTo,
    classification: incident.classification ?? 'Unknown',
    determination: incident.determination ?? 'NotAvailable',
    status: incident.status,
    severity: incident.severity,
    tags: incident.tags,
    comments: incident.comments,
    alerts: new RawJson(`[${alerts.join(',')}]`),
  });
}
