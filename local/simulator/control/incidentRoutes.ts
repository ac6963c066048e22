import { toTimestamp, toUpdateTime } from '../clock/ticks.ts';
import type { Estate } from '../company/Estate.ts';
import { incidentStatuses, type Incident } from '../defender/incidents/Incident.ts';
import type { IncidentFields } from '../defender/incidents/IncidentChanges.ts';
import { findIncident, listIncidents, type IncidentReading } from '../defender/incidents/listIncidents.ts';
import { everything } from '../defender/roles/Viewpoint.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { findEstate } from './findEstate.ts';
import { Input, InputError } from './Input.ts';

/** Listing incidents, and what people do to them. Incidents come from alerts with an `incidentId`. */
export function incidentRoutes(world: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/incidents',
      summary: 'List the incidents that the alerts make, as they stand now.',
      answer: (call) => ({
        incidents: listIncidents(toReading(world, findEstate(world, call))).map(describe),
      }),
    },
    {
      method: 'PATCH',
      path: '/incidents/{id}',
      summary: 'Somebody changes an incident in the portal; its lastUpdateTime becomes the clock’s time.',
      answer: (call) => {
        const estate = findEstate(world, call);
        const reading = toReading(world, estate);
        const incident = findIncident(reading, call.id);
        if (incident === undefined) throw new NotFoundError(`There is no incident ${call.id}.`);
        const fields = parseFields(new Input(call.body), incident, { estate, nowTicks: reading.nowTicks });
        estate.incidentChanges.change(call.id, fields, toUpdateTime(reading.nowTicks));
        return describe(findIncident(reading, call.id) ?? incident);
      },
    },
  ];
}

function toReading({ clock }: World, estate: Estate): IncidentReading {
  return { estate, nowTicks: clock.nowTicks(), viewpoint: everything };
}

const texts = ['name', 'severity', 'classification', 'determination', 'assignedTo'] as const;

function parseFields(
  input: Input,
  { comments }: Incident,
  { estate, nowTicks }: { readonly estate: Estate; readonly nowTicks: bigint },
): IncidentFields {
  input.allow('tenant', ...texts, 'status', 'tags', 'comment', 'redirectIncidentId');
  const status = input.findOneOf('status', incidentStatuses);
  const comment = input.findString('comment');
  const redirectIncidentId = input.findNumber('redirectIncidentId', { isWhole: true });
  const createdBy = estate.company.analysts[0]?.userPrincipalName ?? '';
  const added = { comment: comment ?? '', createdBy, createdTime: toTimestamp(nowTicks) };
  return {
    ...Object.fromEntries(
      texts.filter((name) => input.has(name)).map((name) => [name, getText(input, name)]),
    ),
    ...(status === undefined ? {} : { status }),
    ...(input.has('tags') ? { tags: parseTags(input.raw('tags')) } : {}),
    ...(comment === undefined ? {} : { comments: [...comments, added] }),
    ...(redirectIncidentId === undefined ? {} : { redirectIncidentId }),
  };
}

/** A text; null takes the owner or the verdict away. */
function getText(input: Input, name: (typeof texts)[number]): string | null {
  const isEmptied = input.raw(name) === null && name !== 'name' && name !== 'severity';
  return isEmptied ? null : input.getString(name);
}

function parseTags(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new InputError("'tags' must be a list of strings.");
}

function describe({ createdTicks, updatedTicks, alerts, ...incident }: Incident): unknown {
  return {
    ...incident,
    createdTime: toTimestamp(createdTicks),
    lastUpdateTime: toTimestamp(updatedTicks),
    alerts: alerts.map(({ id }) => id),
  };
}
