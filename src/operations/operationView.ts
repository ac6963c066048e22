import type { Operation } from './Operation.ts';

/** An operation as callers see it. */
export function toOperationView(operation: Operation): Readonly<Record<string, unknown>> {
  const { id, status, request, machineAction, waitingFor, error, checkError } = operation;
  return {
    id,
    status,
    ...request,
    machineAction,
    waitingFor,
    createdDateTime: toIso(operation.createdAt),
    checkedDateTime: toIso(operation.checkedAt),
    endedDateTime: toIso(operation.endedAt),
    error,
    checkError,
  };
}

function toIso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
