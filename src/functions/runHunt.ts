import { ok } from '../http/answers.ts';
import { readWorkflowRun } from '../http/requestKey.ts';
import { responseServices } from '../services.ts';
import { openAccess } from './input/openAccess.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('runHunt', async (call) => {
  const { body, caller, headers, logger, signal } = call;
  const { query, timespan } = body as { query: string; timespan?: string };
  const access = await openAccess(call, 'hunt');
  const about = {
    caller: caller?.id,
    callerName: caller?.name,
    tenantId: access.tenantId,
    run: readWorkflowRun(headers)?.runId,
  };
  return ok(await responseServices().hunting(access).run({ query, timespan }, about, logger, signal));
});
