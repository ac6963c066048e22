import { ok } from '../http/answers.ts';
import { toOperationView } from '../operations/operationView.ts';
import { operationFollower } from '../services.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('getOperation', async ({ path, logger, signal }) => {
  const operation = await operationFollower().look(path.id ?? '', logger, signal);
  return ok(toOperationView(operation));
});
