import { TableClient } from '@azure/data-tables';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import type { TokenCredential } from '@azure/identity';
import type { StorageSettings } from '../settings/parseSettings.ts';
import { StorageError } from './StorageError.ts';

/** Tables, queues and containers of one storage account, each made on first use where it does not exist yet. */
export interface StorageAccount {
  table(name: string): Promise<TableClient>;
  queue(name: string): Promise<QueueClient>;
  container(name: string): Promise<ContainerClient>;
}

/** @param credential makes the credential for an account that is reached by identity; not called otherwise. */
export function createStorageAccount(
  settings: StorageSettings,
  credential: () => TokenCredential,
): StorageAccount {
  const clients = settings.connectionString
    ? fromConnectionString(settings.connectionString)
    : fromIdentity(settings, credential());
  return {
    table: once('Create table', async (name) => {
      const client = clients.table(name);
      await client.createTable();
      return client;
    }),
    queue: once('Create queue', async (name) => {
      const client = clients.queue(name);
      await client.createIfNotExists();
      return client;
    }),
    container: once('Create container', async (name) => {
      const client = clients.container(name);
      await client.createIfNotExists();
      return client;
    }),
  };
}

interface Clients {
  table(name: string): TableClient;
  queue(name: string): QueueClient;
  container(name: string): ContainerClient;
}

function fromConnectionString(connectionString: string): Clients {
  // The emulator speaks plain HTTP; Azure's own connection strings name https.
  const table = { allowInsecureConnection: true };
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  return {
    table: (name) => TableClient.fromConnectionString(connectionString, name, table),
    queue: (name) => queues.getQueueClient(name),
    container: (name) => blobs.getContainerClient(name),
  };
}

function fromIdentity(settings: StorageSettings, credential: TokenCredential): Clients {
  const { tableUrl = '', queueUrl = '', blobUrl = '' } = settings;
  const queues = new QueueServiceClient(queueUrl, credential);
  const blobs = new BlobServiceClient(blobUrl, credential);
  return {
    table: (name) => new TableClient(tableUrl, name, credential),
    queue: (name) => queues.getQueueClient(name),
    container: (name) => blobs.getContainerClient(name),
  };
}

/** Calls `create` once per name; a failure is not remembered. */
function once<T>(operation: string, create: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (name) => {
    const existing = known.get(name);
    if (existing) return existing;
    const created = create(name).catch((error: unknown) => {
      known.delete(name);
      throw new StorageError(`${operation} '${name}'`, error);
    });
    known.set(name, created);
    return created;
  };
}
