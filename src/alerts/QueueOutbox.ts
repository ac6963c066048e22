import type { ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import type { Clock } from '../runtime/Clock.ts';
import { joinKey } from '../storage/keys.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../storage/limits.ts';
import { StorageError } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import type { AlertVersion } from './AlertVersion.ts';
import { createEnvelope, spliceAlert, survivesParsing } from './envelope.ts';
import type { Outbox } from './Outbox.ts';

export const OUTBOX_QUEUE = 'alerts';
/** Holds alerts that do not fit into a queue message. */
export const ALERT_CONTAINER = 'alerts';

/** Without this a message vanishes after seven days, and the alert with it. */
export const NEVER_EXPIRES = -1;

/** Messages of a batch under way at once. */
const CONCURRENT_SENDS = 32;

export interface QueueOutboxInit {
  readonly queue: () => Promise<QueueClient>;
  readonly container: () => Promise<ContainerClient>;
  readonly clock: Clock;
}

/** Hands versions over as messages of a Storage Queue, one each. */
export class QueueOutbox implements Outbox {
  readonly #init: QueueOutboxInit;

  constructor(init: QueueOutboxInit) {
    this.#init = init;
  }

  async send(batch: readonly AlertVersion[], signal: AbortSignal): Promise<void> {
    const queue = await this.#init.queue();
    // One deadline for the batch: a timer for each message would outlive it by a minute.
    const abortSignal = withDeadline(signal);
    const waiting = batch.values();
    let hasFailed = false;
    const sendNext = async () => {
      for (const version of waiting) {
        if (hasFailed) return;
        try {
          await this.#sendOne(queue, version, abortSignal);
        } catch (error) {
          hasFailed = true;
          throw error;
        }
      }
    };
    const senders = Array.from({ length: Math.min(CONCURRENT_SENDS, batch.length) }, sendNext);
    // All senders come to their end before a failure is told, so that nothing is sent after this method has returned.
    const failed = (await Promise.allSettled(senders)).find((outcome) => outcome.status === 'rejected');
    if (!failed) return;
    signal.throwIfAborted();
    throw failed.reason instanceof StorageError
      ? failed.reason
      : new StorageError(`Send to queue '${OUTBOX_QUEUE}'`, failed.reason);
  }

  async #sendOne(queue: QueueClient, version: AlertVersion, abortSignal: AbortSignal): Promise<void> {
    const message = Buffer.from(await this.#compose(version, abortSignal), 'utf8').toString('base64');
    await queue.sendMessage(message, {
      messageTimeToLive: NEVER_EXPIRES,
      abortSignal,
    });
  }

  async #compose(version: AlertVersion, abortSignal: AbortSignal): Promise<string> {
    const envelope = createEnvelope(version, this.#init.clock.now());
    const alertJson = version.bytes.toString('utf8');
    const message = spliceAlert(envelope, alertJson);
    if (Buffer.byteLength(message) <= MAX_QUEUE_MESSAGE_BYTES && survivesParsing(alertJson)) return message;

    const alertBlob = `${joinKey(version.tenantId)}/${joinKey(version.source)}/${envelope.messageKey}.json`;
    await this.#upload(alertBlob, version.bytes, abortSignal);
    return JSON.stringify({ ...envelope, alertBlob });
  }

  async #upload(name: string, bytes: Buffer, abortSignal: AbortSignal): Promise<void> {
    const container = await this.#init.container();
    await container.getBlockBlobClient(name).uploadData(bytes, {
      blobHTTPHeaders: { blobContentType: 'application/json' },
      abortSignal,
    });
  }
}
