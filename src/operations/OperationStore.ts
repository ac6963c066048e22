import type { Operation, StoredOperation } from './Operation.ts';

/** What to list. */
export interface OperationQuery {
  /** A Defender device id or a full DNS name, in lower case. */
  readonly device: string | undefined;
  readonly callerId: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly top: number;
  /** From the page before. */
  readonly continuation: string | undefined;
}

export interface OperationPage {
  readonly operations: readonly Operation[];
  readonly continuation: string | undefined;
}

/** Says that there is, or will be, or was, an open operation. */
export interface OpenPointer {
  readonly id: string;
  /** When it was written; milliseconds since the Unix epoch. */
  readonly since: number;
  readonly etag: string;
}

/** The record of every action. Every method throws StorageError when storage fails. */
export interface OperationStore {
  read(id: string, signal: AbortSignal): Promise<StoredOperation | undefined>;
  /** Undefined when there is one with this id already. */
  create(operation: Operation, signal: AbortSignal): Promise<StoredOperation | undefined>;
  /** Undefined when somebody else changed it since it was read. */
  replace(
    stored: StoredOperation,
    operation: Operation,
    signal: AbortSignal,
  ): Promise<StoredOperation | undefined>;
  /** The operations that have not ended, and what a crash may have left of others. */
  listOpen(signal: AbortSignal): Promise<OpenPointer[]>;
  /** Takes an operation off that list. @param etag only as long as the pointer is the one that was read. */
  close(id: string, signal: AbortSignal, etag?: string): Promise<void>;
  /** Newest first. */
  list(query: OperationQuery, signal: AbortSignal): Promise<OperationPage>;
}
