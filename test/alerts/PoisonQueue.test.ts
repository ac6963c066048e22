import type { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEnvelope } from '../../src/alerts/envelope.ts';
import { MessageUnreadable } from '../../src/alerts/MessageUnreadable.ts';
import { parseQueuedAlert } from '../../src/alerts/parseQueuedAlert.ts';
import { PoisonQueue } from '../../src/alerts/PoisonQueue.ts';
import { WebhookError } from '../../src/alerts/WebhookError.ts';
import { createVersion } from '../support/alerts.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { createStorageClients, readQueue, type StorageClients } from '../support/storageClients.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;
const NOW = Date.parse('2026-11-21T12:00:00Z');

let azurite: Azurite;
let clients: StorageClients;
let queue: QueueClient;
let poison: PoisonQueue;

beforeAll(async () => {
  azurite = await startAzurite();
  clients = createStorageClients(azurite.connectionString);
});
afterAll(async () => {
  await azurite.stop();
});
beforeEach(async () => {
  queue = await clients.queue();
  poison = new PoisonQueue(() => Promise.resolve(queue), new VirtualClock(NOW));
});

const contents = async () => (await readQueue(queue)).map(({ json }) => JSON.parse(json) as unknown);
const message = { ...createEnvelope(createVersion(), NOW), alert: { id: 'da1' } };

describe('the poison queue', () => {
  it('holds the message as it was, with why, when and after how many tries', async () => {
    const error = new WebhookError({ status: 400, requestId: 'r-1' });
    await poison.put(message, 5, error, never);
    expect(await contents()).toEqual([
      {
        ...message,
        failure: {
          code: 'webhook_failed',
          message: error.message,
          requestId: 'r-1',
          attempts: 5,
          failedAt: '2026-11-21T12:00:00.000Z',
        },
      },
    ]);
  });

  it('holds messages that can be put back on the queue as they are', async () => {
    await poison.put(message, 5, new WebhookError({ status: 400 }), never);
    const [held] = await contents();
    expect(parseQueuedAlert(held)).toEqual(message);
  });

  it('says only of the last failure when a message comes here again', async () => {
    const before = { ...message, failure: { code: 'storage_error', attempts: 5 } };
    await poison.put(before, 5, new WebhookError({ status: 400 }), never);
    expect(await contents()).toMatchObject([{ failure: { code: 'webhook_failed' } }]);
  });

  it.each(['text', 5, null, [1, 2]])('holds also the message %j, which is no object', async (unreadable) => {
    await poison.put(unreadable, 1, new MessageUnreadable('it is not a JSON object'), never);
    expect(await contents()).toMatchObject([{ unreadable, failure: { code: 'message_unreadable' } }]);
  });

  it('keeps them until somebody takes them', async () => {
    await poison.put(message, 5, new WebhookError({}), never);
    const [held] = await readQueue(queue);
    expect(held?.expiresOn.getUTCFullYear()).toBe(9999);
  });

  it('takes the largest message that the outbox sends', async () => {
    const large = {
      ...message,
      alert: { id: 'da1', title: 'x'.repeat(45 * 1024 - JSON.stringify(message).length) },
    };
    await poison.put(large, 5, new WebhookError({ status: 500, requestId: 'r'.repeat(64) }), never);
    expect(await contents()).toHaveLength(1);
  });

  it('is told when it cannot be written', async () => {
    await queue.delete();
    await expect(poison.put(message, 5, new WebhookError({}), never)).rejects.toMatchObject({
      code: 'storage_error',
      status: 404,
      message: expect.stringMatching(/^Send to queue 'alerts-poison': /) as string,
    });
  });
});
