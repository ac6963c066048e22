import type { ActionOrder } from '../../devices/createOperation.ts';
import type { IsolationType } from '../../devices/actions.ts';
import { CallerUnauthenticated } from '../../http/CallerUnauthenticated.ts';
import type { Call } from '../../http/createHandler.ts';
import { readWorkflowRun } from '../../http/requestKey.ts';

/** What a checked call asks for. */
export function toOrder(action: 'isolate' | 'release', { path, body, caller, headers }: Call): ActionOrder {
  if (!caller) throw new CallerUnauthenticated('there is no token', { isTokenMissing: true });
  const { comment, isolationType, incidentId } = body as {
    comment: string;
    isolationType?: IsolationType;
    incidentId?: string | number;
  };
  const { kind, id, name, applicationId } = caller;
  return {
    action,
    device: path.device ?? '',
    comment: comment.trim(),
    isolationType,
    incidentId: incidentId === undefined ? undefined : String(incidentId),
    caller: { kind, id, name, applicationId },
    run: readWorkflowRun(headers),
  };
}
