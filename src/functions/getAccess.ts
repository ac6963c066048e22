import { ok } from '../http/answers.ts';
import { responseServices } from '../services.ts';
import { toAsker } from './input/openAccess.ts';
import { registerEndpoint } from './registerEndpoint.ts';

/** Whether the app can do in a tenant what it is set up for; 200 also when it cannot, with all that was seen. */
registerEndpoint('getAccess', async (call) => {
  const { tenant } = call.query as { readonly tenant?: string };
  return ok(await responseServices().doctor().examine(toAsker(call), tenant, call.signal));
});
