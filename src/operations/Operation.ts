/** Where an operation stands. Source: https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md */
export type OperationStatus = 'NotStarted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';

/** What was asked for, and by whom; never changes. */
export interface OperationRequest {
  /** Undefined for the home tenant. */
  readonly tenantId?: string | undefined;
  readonly action: 'isolate' | 'release';
  readonly device: { readonly id: string; readonly name: string | undefined };
  readonly comment: string;
  readonly incidentId: string | undefined;
  readonly isolationType: string | undefined;
  readonly caller: {
    readonly kind: string;
    readonly id: string;
    readonly name: string | undefined;
    readonly applicationId: string | undefined;
  };
  readonly run:
    | {
        readonly workflow: string | undefined;
        readonly runId: string;
        readonly action: string;
        readonly trackingId: string | undefined;
      }
    | undefined;
}

/** The machine action that an operation follows, as Defender last described it. */
export interface FollowedAction {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly scope: string | undefined;
  readonly requestor: string | undefined;
  /** True when it was already open and was not asked for again. */
  readonly joined: boolean;
  readonly createdDateTime: string | undefined;
  readonly lastUpdatedDateTime: string | undefined;
  readonly errorHResult: number | undefined;
  readonly troubleshootInfo: string | undefined;
  readonly cancellationRequestor: string | undefined;
}

export interface OperationFailure {
  readonly code: string;
  readonly message: string;
  readonly requestId?: string | undefined;
}

/** One action on a device, from its request to its true end. Instants are milliseconds since the Unix epoch. */
export interface Operation {
  readonly id: string;
  /** Tells the same request from another one under the same key. */
  readonly requestHash: string;
  readonly request: OperationRequest;
  readonly status: OperationStatus;
  readonly createdAt: number;
  /** How often Defender was asked; more than 0 without a machine action means that the outcome is not known. */
  readonly attempts: number;
  readonly sentAt: number | undefined;
  readonly machineAction: FollowedAction | undefined;
  /** Since when it could be sent, but nobody is there who may send it. */
  readonly heldBackSince?: number | undefined;
  /** The machine action that must end before this one may begin. */
  readonly waitingFor: string | undefined;
  readonly checkedAt: number | undefined;
  /** Nothing is to be done before. */
  readonly nextCheckAt: number;
  readonly endedAt: number | undefined;
  /** Why the operation failed or was canceled. */
  readonly error: OperationFailure | undefined;
  /** Why Defender could not be asked the last time; the status is the one known before. */
  readonly checkError: OperationFailure | undefined;
}

export interface StoredOperation {
  readonly operation: Operation;
  readonly etag: string;
}

export function isOver({ status }: Operation): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Canceled';
}

/** The mark by which an operation's machine action is found again in Defender's comments. */
export function operationTag(id: string): string {
  return `[op:${id}]`;
}
