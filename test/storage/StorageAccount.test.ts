import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorageAccount } from '../../src/storage/StorageAccount.ts';
import { connectionStringOf, startAzurite, type Azurite } from '../support/startAzurite.ts';
import { startServer } from '../support/startServer.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

const noCredential = () => {
  throw new Error('a connection string needs no credential');
};
const open = () => createStorageAccount({ connectionString: azurite.connectionString }, noCredential);

describe('a storage account by connection string', () => {
  it('makes tables, queues and containers when they are first asked for', async () => {
    const account = open();
    const table = await account.table('checkpoints');
    await table.createEntity({ partitionKey: 'a', rowKey: 'b' });
    const queue = await account.queue('alerts');
    await queue.sendMessage('x');
    const container = await account.container('alerts');
    await container.uploadBlockBlob('a.json', '{}', 2);
    expect(await container.getBlobClient('a.json').exists()).toBe(true);
  });

  it('takes those that are there already, with what is in them', async () => {
    const table = await open().table('ledger');
    await table.createEntity({ partitionKey: 'a', rowKey: 'b' });
    const queue = await open().queue('poison');
    await queue.sendMessage('x');
    const container = await open().container('quarantine');
    await container.uploadBlockBlob('a.json', '{}', 2);

    const again = open();
    expect(await (await again.table('ledger')).getEntity('a', 'b')).toMatchObject({ rowKey: 'b' });
    expect((await (await again.queue('poison')).getProperties()).approximateMessagesCount).toBe(1);
    expect(await (await again.container('quarantine')).getBlobClient('a.json').exists()).toBe(true);
  });

  it('gives the same client each time, also to callers at the same time', async () => {
    const account = open();
    const [first, second] = await Promise.all([account.table('same'), account.table('same')]);
    expect(second).toBe(first);
    expect(await account.table('same')).toBe(first);
    expect(await account.table('other')).not.toBe(first);
  });
});

describe('a storage account that refuses', () => {
  it('is told by name of what was to be made, and asked again the next time', async () => {
    // A service that is there and says no: nothing that the SDK would try again.
    const refusing = await startServer((response) => {
      response.writeHead(403, { 'x-ms-request-id': 'r-1', 'x-ms-error-code': 'AuthorizationFailure' }).end();
    });
    const urls = { Blob: refusing.url, Queue: refusing.url, Table: refusing.url };
    const account = createStorageAccount({ connectionString: connectionStringOf(urls) }, noCredential);
    const refusals = [
      [() => account.table('checkpoints'), /^Create table 'checkpoints': Azure Storage gave HTTP 403 /],
      [() => account.queue('alerts'), /^Create queue 'alerts': Azure Storage gave HTTP 403 /],
      [() => account.container('alerts'), /^Create container 'alerts': Azure Storage gave HTTP 403 /],
    ] as const;
    for (const [ask, message] of refusals) {
      const before = refusing.requests.length;
      await expect(ask()).rejects.toMatchObject({
        code: 'storage_error',
        status: 403,
        requestId: 'r-1',
        message: expect.stringMatching(message) as string,
      });
      await expect(ask()).rejects.toMatchObject({ code: 'storage_error' });
      expect(refusing.requests.length - before).toBe(2);
    }
    await refusing.close();
  });
});
