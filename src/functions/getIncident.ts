import { ok } from '../http/answers.ts';
import { IncidentReader } from '../reading/IncidentReader.ts';
import { responseServices } from '../services.ts';
import { openAccess } from './input/openAccess.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('getIncident', async (call) => {
  const access = await openAccess(call, 'read');
  const reader = new IncidentReader(access, responseServices().settings.reading.incidentsApi);
  return ok(await reader.get(call.path.id ?? '', call.signal));
});
