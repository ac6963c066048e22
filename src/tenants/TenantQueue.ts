import type { QueueClient } from '@azure/storage-queue';
import { StorageError } from '../storage/StorageError.ts';
import { withDeadline } from '../storage/withDeadline.ts';

/** One message for each tenant that is to be pulled. */
export const TENANT_QUEUE = 'tenant-pulls';

/** Messages under way at once. */
const CONCURRENT_SENDS = 32;

/** What a message says. */
export interface TenantMessage {
  readonly tenantId: string;
  /** Milliseconds since the Unix epoch. */
  readonly enqueuedAt: number;
  /** How long after it the next one comes. */
  readonly lifeMs: number;
}

/** Spreads the tenants of one round over whatever instances there are. */
export class TenantQueue {
  readonly #queue: () => Promise<QueueClient>;

  constructor(queue: () => Promise<QueueClient>) {
    this.#queue = queue;
  }

  /**
   * Puts a message for each tenant on the queue, in this order. A message that nobody has taken after `lifeMs` vanishes:
   * the next round has one of its own, so a backlog never grows.
   *
   * @throws StorageError when one or more were not taken; the others are on the queue.
   */
  async put(
    tenantIds: readonly string[],
    { now, lifeMs }: { now: number; lifeMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const queue = await this.#queue();
    const abortSignal = withDeadline(signal);
    const options = { messageTimeToLive: Math.max(1, Math.ceil(lifeMs / 1000)), abortSignal };
    const failures: unknown[] = [];
    const waiting = tenantIds.values();
    const sendNext = async () => {
      for (const tenantId of waiting) {
        const text = JSON.stringify({ tenantId, enqueued: new Date(now).toISOString(), lifeMs });
        try {
          await queue.sendMessage(Buffer.from(text, 'utf8').toString('base64'), options);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_SENDS, tenantIds.length) }, sendNext));
    if (failures.length === 0) return;
    signal.throwIfAborted();
    throw new StorageError(`Send to queue '${TENANT_QUEUE}'`, failures[0]);
  }
}

/** Undefined when the message was not written by `put`. */
export function parseTenantMessage(message: unknown): TenantMessage | undefined {
  const { tenantId, enqueued, lifeMs } = (typeof message === 'object' && message !== null ? message : {}) as {
    tenantId?: unknown;
    enqueued?: unknown;
    lifeMs?: unknown;
  };
  const enqueuedAt = typeof enqueued === 'string' ? Date.parse(enqueued) : NaN;
  if (typeof tenantId !== 'string' || typeof lifeMs !== 'number' || Number.isNaN(enqueuedAt))
    return undefined;
  return { tenantId, enqueuedAt, lifeMs };
}
