import { randomUUID } from 'node:crypto';
import type { TableClient } from '@azure/data-tables';
import { storageStatus } from './StorageError.ts';
import { withDeadline } from './withDeadline.ts';

export interface EntityKeys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/**
 * Writes an entity in place of the state that `etag` names; undefined means that there is none yet.
 *
 * The SDK repeats a write whose answer was lost, and the repetition then meets the row that the first one wrote: a
 * `writeId` in the row tells our own write from somebody else's.
 *
 * @returns the new ETag, or undefined when the stored state is another one. @throws the SDK's RestError
 */
export async function replaceEntity(
  table: TableClient,
  entity: EntityKeys & object,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const writeId = randomUUID();
  const options = { abortSignal: withDeadline(signal) };
  try {
    const written =
      etag === undefined
        ? await table.createEntity({ ...entity, writeId }, options)
        : await table.updateEntity({ ...entity, writeId }, 'Replace', { ...options, etag });
    return written.etag ?? '';
  } catch (error) {
    signal.throwIfAborted();
    const status = storageStatus(error);
    if (status !== 404 && status !== 409 && status !== 412) throw error;
  }
  const stored = await findEntity(table, entity, signal);
  return stored?.writeId === writeId ? stored.etag : undefined;
}

/** The entity with its ETag, or undefined when there is none. @throws the SDK's RestError */
export async function findEntity(
  table: TableClient,
  { partitionKey, rowKey }: EntityKeys,
  signal: AbortSignal,
): Promise<(Record<string, unknown> & { etag: string }) | undefined> {
  try {
    return await table.getEntity(partitionKey, rowKey, { abortSignal: withDeadline(signal) });
  } catch (error) {
    signal.throwIfAborted();
    if (storageStatus(error) === 404) return undefined;
    throw error;
  }
}
