import { TableClient } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';

/** New and empty tables, queues and containers, through clients that do not wait long before they try again. */
export interface StorageClients {
  table(): Promise<TableClient>;
  queue(): Promise<QueueClient>;
  container(): Promise<ContainerClient>;
}

let made = 0;

export interface StorageClientsInit {
  /** How often the SDK makes a failing call in all. */
  readonly tries?: number;
}

export function createStorageClients(
  connectionString: string,
  { tries = 4 }: StorageClientsInit = {},
): StorageClients {
  const nextName = () => {
    made += 1;
    return `test${made}`;
  };
  const retryOptions = { maxTries: tries, retryDelayInMs: 1, maxRetryDelayInMs: 5 };
  return {
    async table() {
      const client = TableClient.fromConnectionString(connectionString, nextName(), {
        allowInsecureConnection: true,
        retryOptions: { maxRetries: tries - 1, retryDelayInMs: 1, maxRetryDelayInMs: 5 },
      });
      await client.createTable();
      return client;
    },
    async queue() {
      const client = new QueueClient(connectionString, nextName(), { retryOptions });
      await client.create();
      return client;
    },
    async container() {
      const client = new ContainerClient(connectionString, nextName(), { retryOptions });
      await client.create();
      return client;
    },
  };
}

/** All messages of a queue, at most 32, decoded as the Functions host decodes them, and when each expires. */
export async function readQueue(queue: QueueClient): Promise<{ json: string; expiresOn: Date }[]> {
  const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText, expiresOn }) => ({
    json: Buffer.from(messageText, 'base64').toString('utf8'),
    expiresOn,
  }));
}

/** Names of all blobs. */
export async function listBlobs(container: ContainerClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  return names;
}
