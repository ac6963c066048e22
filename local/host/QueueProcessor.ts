import { RestError, type DequeuedMessageItem, type QueueClient } from '@azure/storage-queue';
import type { HostLog } from './HostLog.ts';
import { messageOf } from './LocalHostError.ts';

interface ProcessorOptions {
  queue: QueueClient;
  /** Undefined: the queue has no poison queue (its name ends in -poison already, or is too long). */
  poisonQueue: QueueClient | undefined;
  functionName: string;
  maxDequeueCount: number;
  visibilityTimeoutMs: number;
  /** How long a message stays hidden while its function runs; renewed at half of it. */
  leaseMs: number;
  log: HostLog;
}

/**
 * What happens to one message around its function: hidden while it runs, deleted after success, visible again after
 * `visibilityTimeoutMs` when it failed, moved to the poison queue as it was after `maxDequeueCount` tries.
 *
 * Source: Queues/QueueProcessor.cs of the storage extension (Azure/azure-sdk-for-net)
 */
export class QueueProcessor {
  readonly #options: ProcessorOptions;

  constructor(options: ProcessorOptions) {
    this.#options = options;
  }

  /** Runs `handle` on the message and settles it; `handle` tells whether the function succeeded. Never rejects. */
  process(message: DequeuedMessageItem, handle: () => Promise<boolean>): Promise<void> {
    return this.#settle(message, async () => {
      // A message that was taken too often without an end (its host was killed each time) is not tried again.
      if (message.dequeueCount > this.#options.maxDequeueCount) {
        await this.#moveToPoison(message, this.#tooManyTries());
      } else {
        await this.#processTry(message, handle);
      }
    });
  }

  /** Moves a message to the poison queue without trying it; `why` goes into the log. Never rejects. */
  reject(message: DequeuedMessageItem, why: string): Promise<void> {
    return this.#settle(message, () => this.#moveToPoison(message, why));
  }

  /** Gives a message back that was not tried: it is visible again at once. Never rejects. */
  release(message: DequeuedMessageItem): Promise<void> {
    return this.#settle(message, () => this.#makeVisible(message, message.popReceipt, 0));
  }

  async #settle(message: DequeuedMessageItem, settle: () => Promise<void>): Promise<void> {
    const { functionName, log } = this.#options;
    try {
      await settle();
    } catch (error) {
      log.about(
        functionName,
        'error',
        `Message ${message.messageId} could not be settled: ${messageOf(error)}`,
      );
    }
  }

  // The body goes over unchanged and without a reason, as on the real host.
  async #moveToPoison(
    message: DequeuedMessageItem,
    why: string,
    receipt = message.popReceipt,
  ): Promise<void> {
    const { queue, poisonQueue, functionName, log } = this.#options;
    if (poisonQueue === undefined) return;
    log.about(
      functionName,
      'warn',
      `Message ${message.messageId} ${why}; it moves to queue '${poisonQueue.name}'.`,
    );
    await poisonQueue.createIfNotExists();
    await poisonQueue.sendMessage(message.messageText);
    await ignoreLost(queue.deleteMessage(message.messageId, receipt));
  }

  async #makeVisible(message: DequeuedMessageItem, receipt: string, afterMs: number): Promise<void> {
    const seconds = Math.round(afterMs / 1000);
    await ignoreLost(this.#options.queue.updateMessage(message.messageId, receipt, undefined, seconds));
  }

  async #processTry(message: DequeuedMessageItem, handle: () => Promise<boolean>): Promise<void> {
    const { queue, poisonQueue, maxDequeueCount, visibilityTimeoutMs } = this.#options;
    const lease = this.#keepHidden(message);
    let succeeded: boolean;
    try {
      succeeded = await handle();
    } finally {
      await lease.stop();
    }
    if (succeeded) await ignoreLost(queue.deleteMessage(message.messageId, lease.receipt()));
    else if (message.dequeueCount >= maxDequeueCount) {
      await this.#moveToPoison(message, this.#tooManyTries(), lease.receipt());
    } else if (poisonQueue !== undefined) {
      await this.#makeVisible(message, lease.receipt(), visibilityTimeoutMs);
    }
    // Without a poison queue a failed message stays hidden until its lease ends, or it would come back at once for ever.
  }

  #tooManyTries(): string {
    return `has reached MaxDequeueCount of ${this.#options.maxDequeueCount}`;
  }

  #keepHidden(message: DequeuedMessageItem): { receipt: () => string; stop: () => Promise<void> } {
    const { queue, leaseMs, functionName, log } = this.#options;
    let receipt = message.popReceipt;
    let renewal: Promise<void> = Promise.resolve();
    const renew = async (): Promise<void> => {
      try {
        const seconds = Math.ceil(leaseMs / 1000);
        const renewed = await queue.updateMessage(message.messageId, receipt, undefined, seconds);
        receipt = renewed.popReceipt ?? receipt;
      } catch (error) {
        log.about(
          functionName,
          'warn',
          `Message ${message.messageId} could not be kept hidden: ${messageOf(error)}`,
        );
      }
    };
    const timer = setInterval(() => {
      renewal = renewal.then(renew);
    }, leaseMs / 2);
    return {
      receipt: () => receipt,
      async stop() {
        clearInterval(timer);
        await renewal;
      },
    };
  }
}

/** Someone else took the message over, or it is gone, or the queue is: there is nothing left to settle. */
async function ignoreLost(settling: Promise<unknown>): Promise<void> {
  const codes = [
    'PopReceiptMismatch',
    'MessageNotFound',
    'QueueNotFound',
    'QueueBeingDeleted',
    'QueueDisabled',
  ];
  try {
    await settling;
  } catch (error) {
    if (!(error instanceof RestError) || !codes.includes(error.code ?? '')) throw error;
  }
}
