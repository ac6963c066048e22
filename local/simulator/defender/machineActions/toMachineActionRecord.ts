import { toTimestamp } from '../../clock/ticks.ts';
import type { Selectable } from '../../odata/selectPage.ts';
import { toComparables } from '../../odata/toComparables.ts';
import type { StoredMachineAction } from './MachineAction.ts';
import { machineActionQuery } from './machineActionQuery.ts';

/** A machine action as it is sent, its properties in the order of real answers. */
export function toMachineActionFields(action: StoredMachineAction): Readonly<Record<string, unknown>> {
  const { cancellation } = action;
  return {
    id: action.id,
    type: action.type,
    title: null,
    requestor: action.requestor,
    requestorComment: action.requestorComment,
    status: action.status,
    machineId: action.machineId,
    computerDnsName: action.computerDnsName,
    creationDateTimeUtc: toTimestamp(action.createdTicks),
    lastUpdateDateTimeUtc: toTimestamp(action.updatedTicks),
    cancellationRequestor: cancellation?.requestor ?? null,
    cancellationComment: cancellation?.comment ?? null,
    cancellationDateTimeUtc: cancellation === undefined ? null : toTimestamp(cancellation.ticks),
    errorHResult: action.errorHResult,
    scope: action.scope,
    externalId: null,
    requestSource: action.requestSource,
    relatedFileInfo: null,
    commands: [],
    troubleshootInfo: null,
  };
}

/** A machine action as a query sees it. */
export interface MachineActionRecord extends Selectable {
  readonly action: StoredMachineAction;
}

/** Prepares a machine action for a query. */
export function toMachineActionRecord(action: StoredMachineAction): MachineActionRecord {
  const comparable = toComparables(toMachineActionFields(action), machineActionQuery.filter.properties);
  return { key: action.id, place: action.place, comparable, action };
}
