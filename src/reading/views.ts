import { findWord, type ReadingApi, type Words } from './readingApis.ts';
import { listOf, textOf, type ServiceRecord } from './members.ts';

/** An alert in short, with the same members wherever it came from. */
export interface AlertSummary {
  readonly [member: string]: unknown;
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly category: string | undefined;
  readonly severity: string | undefined;
  readonly status: string | undefined;
  readonly createdDateTime: string | undefined;
  readonly lastUpdateDateTime: string | undefined;
  readonly incidentId: string | undefined;
  /** Defender's ids of the devices that it is about. */
  readonly deviceIds: readonly string[];
}

/**
 * An alert with the same members whichever API it came from. Words are those of Microsoft Graph; a word that is not known
 * stays as it is, and what a record does not have is absent.
 */
export interface AlertView extends AlertSummary {
  /** The API that it came from. */
  readonly source: string;
  /** As the API gave it. */
  readonly record: ServiceRecord;
}

/** An incident, likewise. */
export interface IncidentView {
  readonly [member: string]: unknown;
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly severity: string | undefined;
  readonly status: string | undefined;
  readonly assignedTo: string | undefined;
  readonly createdDateTime: string | undefined;
  readonly lastUpdateDateTime: string | undefined;
  /** The incident into which this one was merged. */
  readonly redirectIncidentId: string | undefined;
  /** Absent when `alertsOmitted`. */
  readonly alerts: readonly AlertSummary[] | undefined;
  /** True when the record came without its alerts: they are not known, which does not mean that there are none. */
  readonly alertsOmitted: boolean;
  /** Defender's ids of the devices of its alerts. */
  readonly deviceIds: readonly string[];
  readonly source: string;
  readonly record: ServiceRecord;
}

export function toAlertView(record: ServiceRecord, api: ReadingApi): AlertView {
  return { ...summarize(record, api), source: api.api, record };
}

export function toIncidentView(record: ServiceRecord, api: ReadingApi): IncidentView {
  const alerts = listOf(record, 'alerts')?.map((alert) => summarize(alert, api));
  return {
    id: textOf(record, ...api.id),
    title: textOf(record, 'displayName', 'incidentName'),
    severity: toWord(api.severities, textOf(record, 'severity')),
    status: toWord(api.statuses, textOf(record, 'status')),
    assignedTo: textOf(record, 'assignedTo'),
    createdDateTime: textOf(record, api.creation),
    lastUpdateDateTime: textOf(record, api.lastUpdate),
    redirectIncidentId: textOf(record, 'redirectIncidentId'),
    alerts,
    alertsOmitted: alerts === undefined,
    deviceIds: [...new Set(alerts?.flatMap(({ deviceIds }) => deviceIds))],
    source: api.api,
    record,
  };
}

/** Alerts by themselves and those inside an incident of Defender XDR name their members differently. */
function summarize(record: ServiceRecord, { severities }: ReadingApi): AlertSummary {
  return {
    id: textOf(record, 'id', 'alertId'),
    title: textOf(record, 'title'),
    category: textOf(record, 'category'),
    severity: toWord(severities, textOf(record, 'severity')),
    status: toWord(STATUSES, textOf(record, 'status')),
    createdDateTime: textOf(record, 'createdDateTime', 'alertCreationTime', 'creationTime'),
    lastUpdateDateTime: textOf(record, 'lastUpdateDateTime', 'lastUpdateTime', 'lastUpdatedTime'),
    incidentId: textOf(record, 'incidentId'),
    deviceIds: findDeviceIds(record),
  };
}

const STATUSES: Words = { unknown: 'Unknown', new: 'New', inProgress: 'InProgress', resolved: 'Resolved' };

function findDeviceIds(record: ServiceRecord): string[] {
  const ids = [
    textOf(record, 'machineId'),
    ...(listOf(record, 'evidence') ?? []).map((evidence) => textOf(evidence, 'mdeDeviceId')),
    ...(listOf(record, 'devices') ?? []).map((device) => textOf(device, 'mdatpDeviceId', 'deviceId')),
  ];
  return [...new Set(ids.filter((id) => id !== undefined).map((id) => id.toLowerCase()))];
}

function toWord(words: Words, text: string | undefined): string | undefined {
  return text === undefined ? undefined : (findWord(words, text) ?? text);
}

/** Whether a record has this severity, given in our words. */
export function hasSeverity(record: ServiceRecord, api: ReadingApi, severity: string): boolean {
  return toWord(api.severities, textOf(record, 'severity')) === severity;
}
