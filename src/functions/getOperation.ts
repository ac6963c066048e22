import { ok } from '../http/answers.ts';
import { toOperationView } from '../operations/operationView.ts';
import { responseServices } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('getOperation', async ({ path, logger, signal }) => {
  const operation = await responseServices()
    .follower()
    .look(path.id ?? '', logger, signal);
  return ok(toOperationView(operation));
});
