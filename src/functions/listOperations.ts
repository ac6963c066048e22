import { ok } from '../http/answers.ts';
import type { Call } from '../http/createHandler.ts';
import type { Operation } from '../operations/Operation.ts';
import { toOperationView } from '../operations/operationView.ts';
import { systemClock } from '../runtime/Clock.ts';
import { responseServices } from '../services.ts';
import { mayCallerSee } from './input/lookAtOperation.ts';
import { toAsker } from './input/openAccess.ts';
import { toNextLink, toOperationQuery } from './input/operationQuery.ts';
import { registerEndpoint } from './registerEndpoint.ts';

registerEndpoint('listOperations', async (call) => {
  const { operations, settings } = responseServices();
  const { tenant } = call.query as { readonly tenant?: string };
  const isWanted = await chooseTenant(call, tenant);
  const wanted = toOperationQuery(call.query, systemClock.now());
  const page = await operations().list(wanted, call.signal);
  return ok({
    operations: page.operations.filter(isWanted).map(toOperationView),
    nextLink: toNextLink(settings.callers.publicBaseUrl, wanted, tenant, page.continuation),
  });
});

/** Which operations the caller means: those of one tenant, or of all that they may use. */
async function chooseTenant(call: Call, tenant: string | undefined): Promise<(one: Operation) => boolean> {
  if (tenant === undefined) return ({ request }) => mayCallerSee(call, request.tenantId);
  const { id, isHome } = await responseServices().tenantAccess().find(toAsker(call), tenant, call.signal);
  return ({ request }) => request.tenantId === (isHome ? undefined : id);
}
