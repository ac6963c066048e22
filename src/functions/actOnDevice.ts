import type { HttpResponseInit } from '@azure/functions';
import { accepted, ok } from '../http/answers.ts';
import type { Call } from '../http/createHandler.ts';
import { openAccess } from './input/openAccess.ts';
import { toOrder } from './input/toOrder.ts';
import { toOperationView } from '../operations/operationView.ts';
import { operationFollower, responseServices } from '../services.ts';

/** Accepts an action on a device, or tells what it would do. */
export async function actOnDevice(action: 'isolate' | 'release', call: Call): Promise<HttpResponseInit> {
  const { settings, deviceActions } = responseServices();
  const { key, logger, signal } = call;
  const order = toOrder(action, call);
  const access = await openAccess(call, action);
  if (call.query.dryRun === true || !key) return ok(await deviceActions().decide(order, access, signal));
  const operation = await deviceActions().request(order, access, key, logger, signal);
  return accepted(toOperationView(operation), {
    baseUrl: settings.callers.publicBaseUrl,
    id: operation.id,
    retryAfterMs: operationFollower().retryAfterMs(operation),
  });
}
