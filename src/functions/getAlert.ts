import { ok } from '../http/answers.ts';
import { AlertReader } from '../reading/AlertReader.ts';
import { responseServices } from '../services.ts';
import { openAccess } from './input/openAccess.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('getAlert', async (call) => {
  const access = await openAccess(call, 'read');
  const reader = new AlertReader(access, responseServices().settings.reading.alertsApi);
  return ok(await reader.get(call.path.id ?? '', call.signal));
});
