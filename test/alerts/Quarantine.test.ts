import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Unstorable } from '../../src/alerts/AlertVersion.ts';
import { BlobQuarantine } from '../../src/alerts/Quarantine.ts';
import { ORIGIN } from '../support/alerts.ts';
import { startAzurite, type Azurite } from '../support/startAzurite.ts';
import { createStorageClients, listBlobs, type StorageClients } from '../support/storageClients.ts';

const never = new AbortController().signal;

let azurite: Azurite;
let clients: StorageClients;
let container: ContainerClient;
let quarantine: BlobQuarantine;

beforeAll(async () => {
  azurite = await startAzurite();
  clients = createStorageClients(azurite.connectionString);
});
afterAll(async () => {
  await azurite.stop();
});
beforeEach(async () => {
  container = await clients.container();
  quarantine = new BlobQuarantine(() => Promise.resolve(container));
});

function found(text: string, init: Partial<Unstorable> = {}): Unstorable {
  const bytes = Buffer.from(text, 'utf8');
  return { reason: 'no_id', bytes, totalBytes: bytes.length, ...init };
}

describe('the quarantine', () => {
  it('keeps what was found with the reason, for a person to look at', async () => {
    const name = await quarantine.keep(ORIGIN, found('{"title":"ä"}'), never);
    expect(name).toMatch(/^contoso\.example\/endpoint\/[0-9a-f]{64}\.json$/);
    const blob = container.getBlobClient(name ?? '');
    expect(JSON.parse((await blob.downloadToBuffer()).toString('utf8'))).toEqual({
      ...ORIGIN,
      reason: 'no_id',
      totalBytes: 14,
      isCut: false,
      text: '{"title":"ä"}',
    });
    expect((await blob.getProperties()).contentType).toBe('application/json');
  });

  it('says how large a thing really was that was cut', async () => {
    const cut = found('{"id":"a"', { reason: 'too_large', totalBytes: 20_000_000 });
    const name = (await quarantine.keep(ORIGIN, cut, never)) ?? '';
    const content: unknown = JSON.parse((await container.getBlobClient(name).downloadToBuffer()).toString());
    expect(content).toMatchObject({
      reason: 'too_large',
      totalBytes: 20_000_000,
      isCut: true,
      text: '{"id":"a"',
    });
  });

  it('keeps the same content once, so that reading it again and again raises one alarm', async () => {
    const names = [];
    for (let time = 0; time < 3; time += 1)
      names.push(await quarantine.keep(ORIGIN, found('{"id":""}'), never));
    expect(names).toEqual([expect.any(String), undefined, undefined]);
    expect(await listBlobs(container)).toEqual([names[0]]);
  });

  it('keeps different content, and the same content of another tenant or source, on its own', async () => {
    await quarantine.keep(ORIGIN, found('{"id":""}'), never);
    await quarantine.keep(ORIGIN, found('{"id":null}'), never);
    await quarantine.keep({ ...ORIGIN, tenantId: 'a/b' }, found('{"id":""}'), never);
    await quarantine.keep({ ...ORIGIN, source: 'graph' }, found('{"id":""}'), never);
    expect(await listBlobs(container)).toHaveLength(4);
  });

  it('is told when it cannot be written', async () => {
    await container.delete();
    await expect(quarantine.keep(ORIGIN, found('{}'), never)).rejects.toMatchObject({
      code: 'storage_error',
      status: 404,
      message: expect.stringMatching(/^Write to the quarantine: /) as string,
    });
    const reason = new Error('the run is over');
    await expect(quarantine.keep(ORIGIN, found('{}'), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
