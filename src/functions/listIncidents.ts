import { ok } from '../http/answers.ts';
import { IncidentReader } from '../reading/IncidentReader.ts';
import { systemClock } from '../runtime/Clock.ts';
import { responseServices } from '../services.ts';
import { openAccess } from './input/openAccess.ts';
import { toListAnswer, toReadQuery } from './input/readQuery.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('listIncidents', async (call) => {
  const wanted = toReadQuery(call.query, systemClock.now());
  const access = await openAccess(call, 'read');
  const reader = new IncidentReader(access, responseServices().settings.reading.incidentsApi);
  return ok(toListAnswer('incidents', await reader.list(wanted, call.signal)));
});
