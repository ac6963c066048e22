import { ok } from '../http/answers.ts';
import { toOperationQuery, toNextLink } from './input/operationQuery.ts';
import { toOperationView } from '../operations/operationView.ts';
import { systemClock } from '../runtime/Clock.ts';
import { responseServices } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('listOperations', async ({ query, signal }) => {
  const { operations, settings } = responseServices();
  const wanted = toOperationQuery(query, systemClock.now());
  const page = await operations().list(wanted, signal);
  return ok({
    operations: page.operations.map(toOperationView),
    nextLink: toNextLink(settings.callers.publicBaseUrl, wanted, page.continuation),
  });
});
