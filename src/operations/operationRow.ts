import { MAX_STRING_PROPERTY_LENGTH } from '../storage/limits.ts';
import type { Operation } from './Operation.ts';
import { OperationUntrusted } from './OperationUntrusted.ts';

export const OPERATION_SCHEMA_VERSION = 1;

/** A stored operation. What people search for has properties of its own; the whole is JSON beside them. */
export interface OperationRow {
  schemaVersion: number;
  status: string;
  action: string;
  deviceId: string;
  deviceName: string;
  callerId: string;
  createdAt: string;
  endedAt: string;
  operation: string;
}

export function toRow(operation: Operation): OperationRow {
  const { request, status } = operation;
  const json = JSON.stringify(operation);
  if (json.length > MAX_STRING_PROPERTY_LENGTH) throw new Error('An operation outgrew its table property.');
  return {
    schemaVersion: OPERATION_SCHEMA_VERSION,
    status,
    action: request.action,
    deviceId: request.device.id,
    deviceName: request.device.name?.toLowerCase() ?? '',
    callerId: request.caller.id,
    createdAt: new Date(operation.createdAt).toISOString(),
    endedAt: operation.endedAt === undefined ? '' : new Date(operation.endedAt).toISOString(),
    operation: json,
  };
}

/** @throws OperationUntrusted when the row is damaged or of another release. */
export function fromRow(id: string, row: Readonly<Record<string, unknown>>): Operation {
  if (row.schemaVersion !== OPERATION_SCHEMA_VERSION) {
    throw new OperationUntrusted(id, `its schema version is ${String(row.schemaVersion)}`);
  }
  try {
    const operation = JSON.parse(String(row.operation)) as Operation;
    if (operation.id === id) return operation;
  } catch {
    // Falls through to the error below.
  }
  throw new OperationUntrusted(id, '`operation` does not hold it');
}
