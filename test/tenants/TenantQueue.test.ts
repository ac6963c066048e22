import type { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageError } from '../../src/storage/StorageError.ts';
import { parseTenantMessage, TenantQueue } from '../../src/tenants/TenantQueue.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { createStorageClients, readQueue } from '../support/storageClients.ts';
import { tenantId } from '../support/tenants.ts';

const never = new AbortController().signal;
const NOW = Date.parse('2026-11-21T12:00:00Z');

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

describe('the queue of tenants', () => {
  it('has a message for each tenant, which vanishes when the next round comes', async () => {
    const client = await createStorageClients(azurite.connectionString).queue();
    const ids = [3, 1, 2].map(tenantId);
    const before = Date.now();
    await new TenantQueue(() => Promise.resolve(client)).put(ids, { now: NOW, lifeMs: 300_000 }, never);
    const messages = await readQueue(client);
    const parsed = messages.map(({ json }) => parseTenantMessage(JSON.parse(json)));
    expect(parsed.map((message) => message?.tenantId).sort()).toEqual(ids.toSorted());
    expect(new Set(parsed.map((message) => message?.enqueuedAt))).toEqual(new Set([NOW]));
    expect(parsed[0]?.lifeMs).toBe(300_000);
    for (const { expiresOn } of messages) {
      expect(expiresOn.getTime() - before).toBeGreaterThan(295_000);
      expect(expiresOn.getTime() - before).toBeLessThan(305_000);
    }
  });

  it('takes the other tenants when it refuses one, and says so', async () => {
    const sent: string[] = [];
    const client = {
      sendMessage: (text: string) => {
        const { tenantId: id = '' } =
          parseTenantMessage(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))) ?? {};
        if (id === tenantId(2)) return Promise.reject(new Error('refused'));
        sent.push(id);
        return Promise.resolve();
      },
    } as unknown as QueueClient;
    const ids = Array.from({ length: 100 }, (_, index) => tenantId(index));
    const put = new TenantQueue(() => Promise.resolve(client)).put(ids, { now: NOW, lifeMs: 1 }, never);
    await expect(put).rejects.toBeInstanceOf(StorageError);
    expect(sent).toHaveLength(99);
  });

  it.each([
    undefined,
    'text',
    [],
    {},
    { tenantId: 5, enqueued: 'x' },
    { tenantId: 'x', enqueued: 'never', lifeMs: 1 },
    { tenantId: 'x', enqueued: '2026-11-21' },
  ])('does not understand %j', (message) => {
    expect(parseTenantMessage(message)).toBeUndefined();
  });
});
