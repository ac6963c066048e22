import type { HuntResult } from '../src/hunting/readHuntAnswer.ts';
import type { AlertView, IncidentView } from '../src/reading/views.ts';
import { formatColumns } from './formatColumns.ts';
import { toCell } from './terminalText.ts';
import type { Identity } from './whoami.ts';

const TITLE_LENGTH = 80;
const CELL_LENGTH = 100;
const ID_LENGTH = 60;

/** Alerts for people, newest first. */
export function formatAlerts(alerts: readonly AlertView[]): string {
  return formatColumns([
    ['updated', 'severity', 'status', 'title', 'devices', 'id'],
    ...alerts.map(({ lastUpdateDateTime, severity, status, title, deviceIds, id }) => [
      toCell(lastUpdateDateTime, ID_LENGTH),
      toCell(severity, ID_LENGTH),
      toCell(status, ID_LENGTH),
      toCell(title, TITLE_LENGTH),
      toCell(deviceIds.join(' '), CELL_LENGTH),
      toCell(id, ID_LENGTH),
    ]),
  ]);
}

/** Incidents for people, newest first. */
export function formatIncidents(incidents: readonly IncidentView[]): string {
  return formatColumns([
    ['updated', 'severity', 'status', 'title', 'assigned to', 'id'],
    ...incidents.map(({ lastUpdateDateTime, severity, status, title, assignedTo, id }) => [
      toCell(lastUpdateDateTime, ID_LENGTH),
      toCell(severity, ID_LENGTH),
      toCell(status, ID_LENGTH),
      toCell(title, TITLE_LENGTH),
      toCell(assignedTo, ID_LENGTH),
      toCell(id, ID_LENGTH),
    ]),
  ]);
}

/** The result of a hunt for people, in the order of its columns. */
export function formatHunt({ columns, rows }: HuntResult): string {
  return formatColumns([
    columns.map(({ name }) => toCell(name, ID_LENGTH)),
    ...rows.map((row) => columns.map(({ name }) => toCell(row[name] ?? '', CELL_LENGTH))),
  ]);
}

/** Who signed in, for people. */
export function formatIdentities(identities: readonly Identity[]): string {
  return formatColumns([
    ['api', 'tenant', 'application', 'person', 'scp or roles', 'is enough for'],
    ...identities.map(({ api, tenantId, applicationId, person, scopes, roles, allows, note }) => [
      api,
      toCell(tenantId, ID_LENGTH),
      toCell(applicationId, ID_LENGTH),
      toCell(person, ID_LENGTH),
      note === undefined ? toCell([...scopes, ...roles].join(' ') || '(none)', 400) : toCell(note, 400),
      allows.join(' ') || '(nothing)',
    ]),
  ]);
}
