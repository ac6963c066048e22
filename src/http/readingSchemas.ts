import { listOf, object, ref, text, time, whole, type Schema } from './schema.ts';

const yes = (summary: string, description: string): Schema => ({
  type: 'boolean',
  'x-ms-summary': summary,
  description,
});

const alert = {
  id: text('Alert id', 'The id of the alert.'),
  title: text('Title', 'What was detected.'),
  category: text('Category', 'The kind of activity.'),
  severity: text(
    'Severity',
    'One of unknown, informational, low, medium and high, whichever API it came from.',
  ),
  status: text('Status', 'One of unknown, new, inProgress and resolved, whichever API it came from.'),
  createdDateTime: time('Created', 'When the alert was created.'),
  lastUpdateDateTime: time('Updated', 'When the alert last changed.'),
  incidentId: text('Incident', 'The id of the incident that it belongs to.'),
  deviceIds: listOf({ type: 'string' }, 'Device ids', "Defender's ids of the devices that it is about."),
};
const source = text('Source', 'The API that it came from.');
const record: Schema = {
  type: 'object',
  'x-ms-summary': 'Record',
  description: 'As the API gave it; its members differ between the APIs.',
};
const partial = yes(
  'Partial',
  'True when the service said that it left something out. Only in a single one.',
);

const list = (name: string, items: string, summary: string, description: string): Schema =>
  object(
    {
      [name]: listOf(ref(items), summary, 'Newest first, by the last update.'),
      count: whole('Count', 'How many there are here.'),
      truncated: yes('Truncated', 'True when there is, or may be, more than this.'),
      truncatedBy: text(
        'Truncated by',
        'Why: top, as many as asked for; size, as much as fits; calls or time, as much as one request may take; partial, the service left something out.',
        { enum: ['partial', 'time', 'calls', 'size', 'top'] },
      ),
      completeSince: time('Complete since', 'Nothing that was updated after this instant is missing.'),
      calls: whole('Calls', 'How many calls to the service it took.'),
      limits: object(
        {
          callsPerMinute: whole('Calls per minute', 'What the service allows.'),
          callsPerHour: whole('Calls per hour', 'What the service allows.'),
          pageSize: whole('Page size', 'The most that one call gives.'),
        },
        'The limits of the service, for all who call it in this tenant.',
        'Limits',
      ),
    },
    description,
  );

/** What callers get who read alerts and incidents. */
export const readingSchemas = {
  AlertSummary: object(alert, 'An alert in short.'),
  Alert: object(
    {
      ...alert,
      source,
      record,
      evidenceOmitted: yes(
        'Evidence omitted',
        'True when the service gave the alert only without its evidence. Only in a single one.',
      ),
      partial,
    },
    'An alert.',
  ),
  AlertList: list('alerts', 'Alert', 'Alerts', 'Alerts.'),
  Incident: object(
    {
      id: text('Incident id', 'The id of the incident.'),
      title: text('Title', 'The name of the incident.'),
      severity: text(
        'Severity',
        'One of unknown, informational, low, medium and high, whichever API it came from.',
      ),
      status: text(
        'Status',
        'One of active, inProgress, resolved and redirected, whichever API it came from.',
      ),
      assignedTo: text('Assigned to', 'Who works on it.'),
      createdDateTime: time('Created', 'When the incident was created.'),
      lastUpdateDateTime: time('Updated', 'When the incident last changed.'),
      redirectIncidentId: text('Redirected to', 'The incident into which it was merged.'),
      alerts: listOf(ref('AlertSummary'), 'Alerts', 'Its alerts; absent when they are omitted.'),
      alertsOmitted: yes(
        'Alerts omitted',
        'True when it came without its alerts, which does not mean that it has none. In a list, ask for the incident by its id.',
      ),
      deviceIds: listOf({ type: 'string' }, 'Device ids', "Defender's ids of the devices of its alerts."),
      source,
      record,
      partial,
    },
    'An incident.',
  ),
  IncidentList: list('incidents', 'Incident', 'Incidents', 'Incidents.'),
} satisfies Record<string, Schema>;
