import type { Call } from '../../http/createHandler.ts';
import type { Operation } from '../../operations/Operation.ts';
import { OperationNotFound } from '../../operations/OperationNotFound.ts';
import { AppError } from '../../runtime/AppError.ts';
import { operationFollower, responseServices } from '../../services.ts';
import { toAsker } from './openAccess.ts';

/**
 * The operation that the call names, as it stands now. Its requester asks with their own rights; for everybody else the app
 * looks.
 * @throws OperationNotFound for one in a tenant that the caller may not use, too; StorageError
 */
export async function lookAtOperation(call: Call): Promise<Operation> {
  const { path, logger, signal } = call;
  const id = path.id ?? '';
  return await operationFollower().look(id, logger, signal, async ({ request }) => {
    if (!mayCallerSee(call, request.tenantId)) throw new OperationNotFound(id);
    const asker = toAsker(call);
    if (!asker.person || asker.id !== request.caller.id) return undefined;
    const access = responseServices().tenantAccess().open(asker, request.action, request.tenantId, signal);
    // Whoever may not act any more may still look.
    return await access.catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
  });
}

/** @param tenantId undefined for the home tenant. */
export function mayCallerSee(call: Pick<Call, 'caller' | 'person'>, tenantId: string | undefined): boolean {
  const { settings, tenantAccess } = responseServices();
  return tenantAccess().mayUse(toAsker(call).id, tenantId ?? settings.identity.tenantId);
}
