import { accepted, ok } from '../http/answers.ts';
import { problem } from '../http/problem.ts';
import { isOver } from '../operations/Operation.ts';
import { toOperationView } from '../operations/operationView.ts';
import { operationFollower, responseServices } from '../services.ts';
import { lookAtOperation } from './input/lookAtOperation.ts';
import { registerEndpoint } from './registerEndpoint.ts';

/** What Logic Apps follow: 202 until the operation is over, then its end. */
registerEndpoint('getOperationResult', async (call) => {
  const { settings } = responseServices();
  const operation = await lookAtOperation(call);
  const view = toOperationView(operation);
  if (operation.status === 'Succeeded') return ok(view);
  if (!isOver(operation)) {
    const retryAfterMs = operationFollower().retryAfterMs(operation);
    return accepted(view, { baseUrl: settings.callers.publicBaseUrl, id: operation.id, retryAfterMs });
  }
  const { code = 'operation_failed', message = 'The operation failed.' } = operation.error ?? {};
  return problem(
    { status: 422, code, message, target: operation.id, members: { operation: view } },
    call.requestId,
  );
});
