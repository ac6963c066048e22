import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startAzurite } from '../../local/azurite.ts';
import type { ChildProgram } from '../../local/ChildProgram.ts';
import { findFreePorts } from '../support/freePorts.ts';
import { field, System } from './support/System.ts';

let system: System;
let storage: ChildProgram;
let folder: string;
let urls: Record<'table' | 'queue' | 'blob', string>;

beforeEach(async () => {
  system = await System.start();
  folder = await mkdtemp(path.join(tmpdir(), 'defender-functions-storage-'));
  const [blob = 0, queue = 0, table = 0] = await findFreePorts(3);
  const tlsFile = path.join(path.dirname(system.simulator.caFile), 'tls.pem');
  storage = await startAzurite({ blob, queue, table }, folder, tlsFile);
  const url = (port: number) => `https://localhost:${port}/devstoreaccount1`;
  urls = { table: url(table), queue: url(queue), blob: url(blob) };
});
afterEach(async () => {
  await system.stop();
  await storage.stop();
  await rm(folder, { recursive: true, force: true });
});

it('keeps checkpoint, ledger and outbox in storage that is reached by identity, without a connection string', async () => {
  // The services' clock stays where it is: Azurite checks the tokens by the host's.
  const lastUpdateTime = new Date(Date.now() - 60_000).toISOString();
  await system.addAlerts({ count: 5, lastUpdateTime });
  await system.addAlerts({ evidenceItems: 200, lastUpdateTime });
  const functions = await system.startFunctions({
    AzureWebJobsStorage: '',
    AzureWebJobsStorage__tableServiceUri: urls.table,
    AzureWebJobsStorage__queueServiceUri: urls.queue,
    AzureWebJobsStorage__blobServiceUri: urls.blob,
    AzureWebJobsStorage__clientId: system.simulator.company.userAssignedClientId,
  });
  expect(field(await functions.pull(), 'handedOver')).toBe('6');
  // A second run reads all of it again and finds it in the ledger.
  expect(field(await functions.pull(), 'handedOver')).toBe('0');
});
