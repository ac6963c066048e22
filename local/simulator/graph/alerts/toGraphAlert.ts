import type { AlertFields } from '../../defender/alerts/AlertVersion.ts';
import type { MachineStore } from '../../defender/machines/MachineStore.ts';
import {
  graphAlertStatuses,
  graphClassifications,
  graphDeterminations,
  graphSeverities,
  toMember,
  toSources,
} from '../enumerations.ts';
import { toGraphComments } from '../toGraphComments.ts';
import { toGraphEvidence } from './toGraphEvidence.ts';

/** What Graph's query of alerts compares, as it is sent. */
export function toGraphAlertHead(alert: AlertFields): Readonly<Record<string, unknown>> {
  return {
    status: toMember(alert.status, graphAlertStatuses),
    severity: toMember(alert.severity, graphSeverities),
    classification: toMember(alert.classification, graphClassifications),
    determination: toMember(alert.determination, graphDeterminations),
    ...toSources(alert.detectionSource),
    assignedTo: alert.assignedTo ?? null,
    createdDateTime: alert.alertCreationTime ?? null,
    lastUpdateDateTime: alert.lastUpdateTime ?? null,
  };
}

/** An alert of Defender for Endpoint as Graph sends it. Source: https://learn.microsoft.com/graph/api/resources/security-alert */
export function toGraphAlert(alert: AlertFields, machines: MachineStore): Readonly<Record<string, unknown>> {
  const of = (property: string): unknown => alert[property] ?? null;
  const tenantId = String(alert.aadTenantId);
  const incidentId = toIncidentId(alert.incidentId);
  return {
    '@odata.type': '#microsoft.graph.security.alert',
    id: of('id'),
    providerAlertId: of('id'),
    incidentId,
    ...toGraphAlertHead(alert),
    detectorId: of('detectorId'),
    tenantId: of('aadTenantId'),
    title: of('title'),
    description: of('description'),
    recommendedActions: '',
    category: of('category'),
    alertWebUrl: `https://security.microsoft.com/alerts/${String(alert.id)}?tid=${tenantId}`,
    incidentWebUrl: incidentId === null ? null : toIncidentWebUrl(incidentId, tenantId),
    actorDisplayName: null,
    threatDisplayName: of('threatName'),
    threatFamilyName: of('threatFamilyName'),
    mitreTechniques: alert.mitreTechniques ?? [],
    resolvedDateTime: of('resolvedTime'),
    firstActivityDateTime: of('firstEventTime'),
    lastActivityDateTime: of('lastEventTime'),
    systemTags: [],
    comments: toGraphComments(alert.comments),
    evidence: toGraphEvidence(alert, machines),
  };
}

/** The address of an incident in Defender's portal. */
export function toIncidentWebUrl(incidentId: string, tenantId: string): string {
  return `https://security.microsoft.com/incidents/${incidentId}?tid=${tenantId}`;
}

/** Ids are texts in Graph. */
function toIncidentId(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}
