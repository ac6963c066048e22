import type { Estate } from '../../company/Estate.ts';
import { findVisible } from '../alerts/AlertStore.ts';
import { severities } from '../alerts/alertRules.ts';
import type { AlertVersion } from '../alerts/AlertVersion.ts';
import type { Viewpoint } from '../roles/Viewpoint.ts';
import type { Incident, IncidentStatus } from './Incident.ts';

/** Whose incidents, when, and who looks. */
export interface IncidentReading {
  readonly estate: Pick<Estate, 'alerts' | 'incidentChanges'>;
  readonly nowTicks: bigint;
  readonly viewpoint: Viewpoint;
}

/**
 * The incidents of a tenant: its visible alerts, grouped by `incidentId`, in no particular order.
 *
 * An incident follows its alerts: the highest severity, the first creation, the last update; resolved when all alerts are;
 * an owner, a classification and a determination when all alerts agree. What people set at the incident itself stands
 * above that. How the real service derives them is not documented beyond "severity can change as alerts are added".
 * Of a person who may not see all alerts, only the others are shown; without one there is no incident.
 */
export function listIncidents({ estate, nowTicks, viewpoint }: IncidentReading): readonly Incident[] {
  const groups = new Map<string, AlertVersion[]>();
  for (const alert of estate.alerts.list()) {
    const version = findVisible(alert, nowTicks);
    const id = toIncidentKey(version);
    if (version === undefined || id === undefined) continue;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [version]);
    else group.push(version);
  }
  return [...groups].flatMap(([id, versions]) => {
    const seen = new Set(versions.filter(({ fields }) => viewpoint.seesAlert(fields)));
    return seen.size === 0 ? [] : [toIncident(id, { versions, seen }, estate)];
  });
}

/** The incident with this id; undefined when the caller sees none. */
export function findIncident(reading: IncidentReading, id: string): Incident | undefined {
  return listIncidents(reading).find((incident) => incident.id === id);
}

function toIncidentKey(version: AlertVersion | undefined): string | undefined {
  const id = version?.comparable.incidentId;
  return typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined;
}

interface Group {
  readonly versions: readonly AlertVersion[];
  readonly seen: ReadonlySet<AlertVersion>;
}

function toIncident(
  id: string,
  { versions, seen }: Group,
  { incidentChanges }: IncidentReading['estate'],
): Incident {
  const oldestFirst = [...versions].sort((left, right) =>
    compare(timeOf(left, created), timeOf(right, created)),
  );
  const change = incidentChanges.find(id);
  const updated = versions.map((version) => timeOf(version, 'lastUpdateTime'));
  return {
    id,
    name: toName(oldestFirst),
    status: toStatus(versions),
    severity: toSeverity(versions),
    classification: findCommon(versions, 'classification'),
    determination: findCommon(versions, 'determination'),
    assignedTo: findCommon(versions, 'assignedTo'),
    tags: [],
    comments: [],
    redirectIncidentId: null,
    ...change?.fields,
    createdTicks: oldestFirst[0] === undefined ? 0n : timeOf(oldestFirst[0], created),
    updatedTicks: [...updated, change?.atTicks ?? 0n].reduce((latest, one) => (one > latest ? one : latest)),
    alerts: oldestFirst.filter((version) => seen.has(version)).map(({ fields }) => fields),
  };
}

const created = 'alertCreationTime';

/** Zero when the alert has no such time. */
function timeOf({ comparable }: AlertVersion, property: string): bigint {
  const time = comparable[property];
  return typeof time === 'bigint' ? time : 0n;
}

function compare(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function toName(oldestFirst: readonly AlertVersion[]): string {
  const title = oldestFirst[0]?.fields.title;
  const first = typeof title === 'string' ? title : 'An alert';
  const devices = new Set(oldestFirst.map(({ fields }) => fields.machineId)).size;
  const where = devices === 1 ? 'one endpoint' : `${devices} endpoints`;
  return oldestFirst.length === 1
    ? `${first} on ${where}`
    : `${first} and ${oldestFirst.length - 1} more on ${where}`;
}

function toStatus(versions: readonly AlertVersion[]): IncidentStatus {
  if (versions.every(({ fields }) => fields.status === 'Resolved')) return 'Resolved';
  return versions.some(({ fields }) => fields.status === 'InProgress') ? 'InProgress' : 'Active';
}

function toSeverity(versions: readonly AlertVersion[]): string {
  const known: readonly unknown[] = severities;
  const highest = versions.reduce((most, { fields }) => Math.max(most, known.indexOf(fields.severity)), 0);
  return severities[highest] ?? 'UnSpecified';
}

function findCommon(versions: readonly AlertVersion[], property: string): string | null {
  const values = new Set(versions.map(({ fields }) => fields[property]));
  const [value] = values;
  return values.size === 1 && typeof value === 'string' ? value : null;
}
