import { afterAll, beforeAll } from 'vitest';
import { connectionStringOf, startAzurite, type Azurite, type StorageService } from './startAzurite.ts';
import { startLossyProxy, type LossyProxy } from './startLossyProxy.ts';
import { createStorageClients, type StorageClients, type StorageClientsInit } from './storageClients.ts';

/** Storage of which one service is reached through a proxy that can lose answers and refuse requests. */
export interface LossyStorage {
  /** Stands before that service; there from `beforeAll` on. */
  readonly proxy: LossyProxy;
  /** Clients that go through the proxy. */
  clients(init?: StorageClientsInit): StorageClients;
}

/** Gives a test file such storage: it is started before the first test and ends after the last. */
export function useLossyStorage(service: StorageService): LossyStorage {
  let azurite: Azurite;
  let proxy: LossyProxy;
  beforeAll(async () => {
    azurite = await startAzurite();
    proxy = await startLossyProxy(azurite.urls[service]);
  });
  afterAll(async () => {
    await proxy.close();
    await azurite.stop();
  });
  return {
    get proxy() {
      return proxy;
    },
    clients: (init) =>
      createStorageClients(connectionStringOf({ ...azurite.urls, [service]: proxy.url }), init),
  };
}
