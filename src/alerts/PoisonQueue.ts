import type { QueueClient } from '@azure/storage-queue';
import type { AppError } from '../runtime/AppError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { StorageError } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';
import { NEVER_EXPIRES, OUTBOX_QUEUE } from './QueueOutbox.ts';

/** The name that the Functions host itself uses for messages that fail too often. */
export const POISON_QUEUE = `${OUTBOX_QUEUE}-poison`;

/** Puts messages aside that could not be delivered, with the reason, which the host alone would not keep. */
export class PoisonQueue {
  readonly #queue: () => Promise<QueueClient>;
  readonly #clock: Clock;

  constructor(queue: () => Promise<QueueClient>, clock: Clock) {
    this.#queue = queue;
    this.#clock = clock;
  }

  /** @throws StorageError; then the host puts the message aside as it is. */
  async put(message: unknown, attempts: number, error: AppError, signal: AbortSignal): Promise<void> {
    const failure = {
      code: error.code,
      message: error.message,
      requestId: error.requestId,
      attempts,
      failedAt: new Date(this.#clock.now()).toISOString(),
    };
    const isObject = typeof message === 'object' && message !== null && !Array.isArray(message);
    const body = isObject ? { ...message, failure } : { unreadable: message, failure };
    const queue = await this.#queue();
    try {
      await queue.sendMessage(Buffer.from(JSON.stringify(body), 'utf8').toString('base64'), {
        messageTimeToLive: NEVER_EXPIRES,
        abortSignal: withDeadline(signal),
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new StorageError(`Send to queue '${POISON_QUEUE}'`, cause);
    }
  }

  /** About how many messages lie there. @throws StorageError */
  async count(signal: AbortSignal): Promise<number> {
    const queue = await this.#queue();
    try {
      const { approximateMessagesCount } = await queue.getProperties({ abortSignal: withDeadline(signal) });
      return approximateMessagesCount ?? 0;
    } catch (cause) {
      signal.throwIfAborted();
      throw new StorageError(`Count queue '${POISON_QUEUE}'`, cause);
    }
  }
}
