import { fieldsOf } from '../defender/fieldsOf.ts';

/** A machine action of Defender. Source: https://learn.microsoft.com/defender-endpoint/api/machineaction */
export interface MachineAction {
  readonly id: string;
  /** As Defender writes it: Isolate, Unisolate and others. */
  readonly type: string;
  readonly status: string;
  readonly scope: string | undefined;
  readonly machineId: string | undefined;
  readonly requestor: string | undefined;
  readonly requestorComment: string | undefined;
  readonly createdDateTime: string | undefined;
  readonly lastUpdatedDateTime: string | undefined;
  readonly errorHResult: number | undefined;
  readonly troubleshootInfo: string | undefined;
  readonly cancellationRequestor: string | undefined;
}

/** How far an action is; the documented statuses in other words. */
export type ActionState = 'open' | 'succeeded' | 'failed' | 'timedOut' | 'cancelled';

/** The machine action that a record describes, or undefined when it lacks its id or type. */
export function readMachineAction(record: unknown): MachineAction | undefined {
  const fields = fieldsOf(record);
  const id = textOf(fields.id);
  const type = textOf(fields.type);
  if (id === undefined || type === undefined) return undefined;
  const { errorHResult, troubleshootInfo } = fields;
  return {
    id,
    type,
    status: textOf(fields.status) ?? 'Unknown',
    scope: textOf(fields.scope),
    machineId: textOf(fields.machineId)?.toLowerCase(),
    requestor: textOf(fields.requestor),
    requestorComment: textOf(fields.requestorComment),
    createdDateTime: textOf(fields.creationDateTimeUtc),
    lastUpdatedDateTime: textOf(fields.lastUpdateDateTimeUtc) ?? textOf(fields.lastUpdateTimeUtc),
    errorHResult: typeof errorHResult === 'number' ? errorHResult : undefined,
    troubleshootInfo: troubleshootInfo ? textOrJson(troubleshootInfo) : undefined,
    cancellationRequestor: textOf(fields.cancellationRequestor),
  };
}

/** A status that is not documented counts as open: nothing is called over that may still go on. */
export function stateOf({ status }: MachineAction): ActionState {
  switch (status.toLowerCase()) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
      return 'failed';
    case 'timeout':
      return 'timedOut';
    case 'cancelled':
    case 'canceled':
      return 'cancelled';
    default:
      return 'open';
  }
}

export function isOpen(action: MachineAction): boolean {
  return stateOf(action) === 'open';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textOrJson(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 4_000);
}
