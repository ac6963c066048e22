import { ok } from '../http/answers.ts';
import { toOperationQuery, toNextLink } from './input/operationQuery.ts';
import { toOperationView } from '../operations/operationView.ts';
import { systemClock } from '../runtime/Clock.ts';
import { responseServices } from '../services.ts';
import { mayCallerSee } from './input/lookAtOperation.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('listOperations', async (call) => {
  const { operations, settings } = responseServices();
  const wanted = toOperationQuery(call.query, systemClock.now());
  const page = await operations().list(wanted, call.signal);
  return ok({
    operations: page.operations
      .filter(({ request }) => mayCallerSee(call, request.tenantId))
      .map(toOperationView),
    nextLink: toNextLink(settings.callers.publicBaseUrl, wanted, page.continuation),
  });
});
