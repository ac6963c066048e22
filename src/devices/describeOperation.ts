import type { Operation } from '../operations/Operation.ts';
import type { LogFields } from '../runtime/Logger.ts';

/** Who did what to which device, and why: the same fields in every line about an operation. */
export function describeOperation({ id, status, request, attempts, machineAction }: Operation): LogFields {
  const { tenantId, action, device, caller, run, comment, incidentId, isolationType } = request;
  return {
    operation: id,
    tenantId,
    status,
    action,
    device: device.id,
    deviceName: device.name,
    isolationType,
    caller: caller.id,
    callerName: caller.name,
    run: run?.runId,
    incident: incidentId,
    comment,
    attempts,
    machineAction: machineAction?.id,
    machineActionStatus: machineAction?.status,
  };
}
