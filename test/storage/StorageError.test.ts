import { TableClient } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStorageFailure, StorageError, storageStatus } from '../../src/storage/StorageError.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { createStorageClients, type StorageClients } from '../support/storageClients.ts';

let azurite: Azurite;
let clients: StorageClients;
beforeAll(async () => {
  azurite = await startAzurite();
  clients = createStorageClients(azurite.connectionString, { tries: 1 });
});
afterAll(async () => {
  await azurite.stop();
});

/** What the SDK throws. */
async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([call()]);
  if (outcome.status === 'fulfilled') throw new Error('nothing was thrown');
  return outcome.reason;
}

describe('a failure of the storage SDK', () => {
  const failures: [string, () => Promise<unknown>, number | undefined, string][] = [
    ['an absent row', async () => (await clients.table()).getEntity('a', 'b'), 404, 'ResourceNotFound'],
    [
      'a row that is there already',
      async () => {
        const table = await clients.table();
        const entity = { partitionKey: 'a', rowKey: 'b' };
        await table.createEntity(entity);
        return await table.createEntity(entity);
      },
      409,
      'EntityAlreadyExists',
    ],
    [
      'a row that changed',
      async () => {
        const table = await clients.table();
        const entity = { partitionKey: 'a', rowKey: 'b' };
        await table.createEntity(entity);
        return await table.updateEntity(entity, 'Replace', { etag: 'W/"datetime\'2020\'"' });
      },
      412,
      'UpdateConditionNotSatisfied',
    ],
    [
      'a transaction with a row that is there already',
      async () => {
        const table = await clients.table();
        const entity = { partitionKey: 'a', rowKey: 'b' };
        await table.createEntity(entity);
        return await table.submitTransaction([['create', entity]]);
      },
      409,
      'EntityAlreadyExists',
    ],
    [
      'an absent queue',
      () => new QueueClient(azurite.connectionString, 'absent').sendMessage('x'),
      404,
      'QueueNotFound',
    ],
    [
      'a message that is too large',
      async () => (await clients.queue()).sendMessage('x'.repeat(70_000)),
      413,
      'RequestBodyTooLarge',
    ],
    [
      'an absent container',
      () => new ContainerClient(azurite.connectionString, 'absent').uploadBlockBlob('a', 'b', 1),
      404,
      'ContainerNotFound',
    ],
    [
      'nobody listening',
      () => {
        const nowhere = azurite.connectionString.replace(
          /TableEndpoint=[^;]+/,
          'TableEndpoint=http://127.0.0.1:9/devstoreaccount1',
        );
        const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
        return TableClient.fromConnectionString(nowhere, 'any', options).getEntity('a', 'b');
      },
      undefined,
      'ECONNREFUSED',
    ],
  ];

  it.each(failures)('is read for status and code: %s', async (_case, call, status, serviceCode) => {
    const cause = await thrownBy(call);
    expect(readStorageFailure(cause)).toMatchObject({ status, serviceCode });
    expect(storageStatus(cause)).toBe(status);
    const error = new StorageError('Try it', cause);
    expect(error).toMatchObject({ code: 'storage_error', retryable: true, status, cause });
    expect(error.message).toBe(
      `Try it: Azure Storage gave ${status === undefined ? 'no answer' : `HTTP ${status}`} (${serviceCode}). Check that ` +
        'the account can be reached and that the identity holds the data roles in docs/errors.md.',
    );
  });

  it('gives the request id of the service where there is one', async () => {
    const cause = await thrownBy(async () => (await clients.table()).getEntity('a', 'b'));
    expect(new StorageError('Try it', cause).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('shows nothing of the request, whose headers hold a signature', async () => {
    const error = new StorageError(
      'Try it',
      await thrownBy(async () => (await clients.table()).getEntity('a', 'b')),
    );
    expect([error.message, error.stack].join()).not.toMatch(/SharedKey|devstoreaccount1/);
  });

  it.each([undefined, null, 'text', 5, {}, new Error('x'), { details: 5 }, { response: {} }])(
    'that is none of the known forms (%o) is read as one without an answer',
    (cause) => {
      expect(readStorageFailure(cause)).toEqual({
        status: undefined,
        serviceCode: undefined,
        requestId: undefined,
      });
      expect(new StorageError('Try it', cause).message).toContain('gave no answer (no code)');
    },
  );
});
