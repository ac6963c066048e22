import { ok } from '../http/answers.ts';
import { readWorkflowRun } from '../http/requestKey.ts';
import { responseServices } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('runHunt', async ({ body, caller, headers, logger, signal }) => {
  const { query, timespan } = body as { query: string; timespan?: string };
  const about = { caller: caller?.id, callerName: caller?.name, run: readWorkflowRun(headers)?.runId };
  return ok(await responseServices().hunting().run({ query, timespan }, about, logger, signal));
});
