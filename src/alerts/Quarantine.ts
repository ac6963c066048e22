import type { ContainerClient } from '@azure/storage-blob';
import { joinKey, sha256 } from '../storage/keys.ts';
import { StorageError, storageStatus } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import type { AlertOrigin, Unstorable } from './AlertVersion.ts';

/** Keeps what cannot be handed over, for a person to look at. */
export interface Quarantine {
  /** @returns the name under which it is kept, or undefined when it already is. */
  keep(origin: AlertOrigin, found: Unstorable, signal: AbortSignal): Promise<string | undefined>;
}

export const QUARANTINE_CONTAINER = 'quarantine';

/** Keeps each as one blob, named by its content, that says why it is there. */
export class BlobQuarantine implements Quarantine {
  readonly #container: () => Promise<ContainerClient>;

  constructor(container: () => Promise<ContainerClient>) {
    this.#container = container;
  }

  async keep(origin: AlertOrigin, found: Unstorable, signal: AbortSignal): Promise<string | undefined> {
    const name = `${joinKey(origin.tenantId)}/${joinKey(origin.source)}/${sha256(found.bytes)}.json`;
    const content = JSON.stringify({
      ...origin,
      reason: found.reason,
      totalBytes: found.totalBytes,
      isCut: found.totalBytes > found.bytes.length,
      text: found.bytes.toString('utf8'),
    });
    const container = await this.#container();
    try {
      await container.getBlockBlobClient(name).uploadData(Buffer.from(content, 'utf8'), {
        blobHTTPHeaders: { blobContentType: 'application/json' },
        conditions: { ifNoneMatch: '*' },
        abortSignal: withDeadline(signal),
      });
      return name;
    } catch (error) {
      signal.throwIfAborted();
      if (storageStatus(error) === 409 || storageStatus(error) === 412) return undefined;
      throw new StorageError('Write to the quarantine', error);
    }
  }
}
