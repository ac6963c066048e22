import { ok } from '../http/answers.ts';
import { AlertReader } from '../reading/AlertReader.ts';
import { systemClock } from '../runtime/Clock.ts';
import { responseServices } from '../services.ts';
import { openAccess } from './input/openAccess.ts';
import { toListAnswer, toReadQuery } from './input/readQuery.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('listAlerts', async (call) => {
  const wanted = toReadQuery(call.query, systemClock.now());
  const access = await openAccess(call, 'read');
  const reader = new AlertReader(access, responseServices().settings.reading.alertsApi);
  return ok(toListAnswer('alerts', await reader.list(wanted, call.signal)));
});
