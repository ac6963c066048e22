import { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint, Lease } from '../../src/alerts/Checkpoint.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { TableCheckpointStore } from '../../src/alerts/TableCheckpointStore.ts';
import { ORIGIN, ticksOf } from '../support/alerts.ts';
import { connectionStringOf } from '../support/startAzurite.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';

const never = new AbortController().signal;

const checkpoint: Checkpoint = {
  startedFrom: ticksOf('2026-11-19T12:00:00Z'),
  watermark: ticksOf('2026-11-21T12:00:00.1234567Z'),
  rereadFrom: ticksOf('2026-11-21T11:45:00Z'),
  gaps: [
    {
      from: ticksOf('2026-11-20T01:00:00Z'),
      to: ticksOf('2026-11-20T02:00:00.0000001Z'),
      since: Date.parse('2026-11-20T03:00:00Z'),
      attempts: 2,
      nextTryAt: Date.parse('2026-11-20T03:05:00Z'),
    },
  ],
  sweptAt: ticksOf('2026-11-21T11:00:00Z'),
  sweep: undefined,
  calls: [Date.parse('2026-11-21T11:59:00Z'), Date.parse('2026-11-21T11:59:30Z')],
  throttledUntil: undefined,
  lastSuccess: Date.parse('2026-11-21T11:59:59Z'),
};
const lease: Lease = { epoch: 7, owner: 'run-7', until: Date.parse('2026-11-21T12:03:00Z') };
const row = { checkpoint, lease };
const later = { checkpoint: { ...checkpoint, watermark: checkpoint.watermark + 5n }, lease };

const storage = useLossyStorage('Table');
let table: TableClient;
let store: TableCheckpointStore;

beforeEach(async () => {
  table = await storage.clients().table();
  store = new TableCheckpointStore(() => Promise.resolve(table));
});

describe('the checkpoint in Table Storage', () => {
  it('is absent before it was ever written', async () => {
    expect(await store.read(ORIGIN, never)).toBeUndefined();
  });

  it('is read as it was written, with the ETag that the next write needs', async () => {
    const etag = await store.write(ORIGIN, row, undefined, never);
    expect(await store.read(ORIGIN, never)).toEqual({ ...row, etag });
    const next = await store.write(ORIGIN, later, etag, never);
    expect(next).not.toBe(etag);
    expect(await store.read(ORIGIN, never)).toEqual({ ...later, etag: next });
  });

  it('loses no property value when a write leaves one out', async () => {
    const whole = { ...checkpoint, throttledUntil: Date.parse('2026-11-21T13:00:00Z') };
    const etag = await store.write(ORIGIN, { checkpoint: whole, lease }, undefined, never);
    await store.write(ORIGIN, row, etag, never);
    expect((await store.read(ORIGIN, never))?.checkpoint.throttledUntil).toBeUndefined();
  });

  it('is kept for each tenant and source on its own, whatever characters their names hold', async () => {
    const origins = [
      ORIGIN,
      { ...ORIGIN, source: 'graph' },
      { ...ORIGIN, tenantId: 'fabrikam.example' },
      { tenantId: "a/b\\c#d?e'f", source: 'ü %20' },
    ];
    for (const [index, origin] of origins.entries()) {
      await store.write(origin, { checkpoint, lease: { ...lease, epoch: index } }, undefined, never);
    }
    const epochs = await Promise.all(
      origins.map(async (origin) => (await store.read(origin, never))?.lease.epoch),
    );
    expect(epochs).toEqual([0, 1, 2, 3]);
  });

  it('is readable for a person: instants are text', async () => {
    await store.write(ORIGIN, row, undefined, never);
    const stored = await table.getEntity('contoso.example', 'endpoint');
    expect(stored).toMatchObject({
      watermark: '2026-11-21T12:00:00.1234567Z',
      leaseUntil: '2026-11-21T12:03:00.000Z',
      owner: 'run-7',
      schemaVersion: 1,
    });
  });

  it('cannot be trusted when somebody broke the row', async () => {
    await store.write(ORIGIN, row, undefined, never);
    await table.updateEntity(
      { partitionKey: 'contoso.example', rowKey: 'endpoint', watermark: 'soon' },
      'Merge',
    );
    await expect(store.read(ORIGIN, never)).rejects.toThrow(CheckpointUntrusted);
  });
});

describe('a write by a run that another one overtook', () => {
  it('is refused when both found nothing, and leaves what the other one wrote', async () => {
    await store.write(ORIGIN, later, undefined, never);
    await expect(store.write(ORIGIN, row, undefined, never)).rejects.toThrow(CheckpointLost);
    expect(await store.read(ORIGIN, never)).toMatchObject(later);
  });

  it('is refused when it names a state that is no more, and leaves what the other one wrote', async () => {
    const etag = await store.write(ORIGIN, row, undefined, never);
    await store.write(ORIGIN, later, etag, never);
    await expect(store.write(ORIGIN, row, etag, never)).rejects.toThrow(CheckpointLost);
    expect(await store.read(ORIGIN, never)).toMatchObject(later);
  });

  it('is refused when the row is gone', async () => {
    const etag = await store.write(ORIGIN, row, undefined, never);
    await table.deleteEntity('contoso.example', 'endpoint');
    await expect(store.write(ORIGIN, row, etag, never)).rejects.toThrow(CheckpointLost);
    expect(await store.read(ORIGIN, never)).toBeUndefined();
  });

  it('is won by exactly one of many at the same time', async () => {
    const etag = await store.write(ORIGIN, row, undefined, never);
    const racers = Array.from({ length: 8 }, (_, epoch) =>
      store.write(ORIGIN, { checkpoint, lease: { ...lease, epoch } }, etag, never),
    );
    const outcomes = await Promise.allSettled(racers);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(losers).toHaveLength(7);
    for (const { reason } of losers) expect(reason).toBeInstanceOf(CheckpointLost);
    expect((await store.read(ORIGIN, never))?.lease.epoch).toBe(winner);
  });
});

describe('a write whose answer is lost, so that the SDK repeats it', () => {
  it('is recognised as our own when it created the row', async () => {
    storage.proxy.loseNextAnswerTo('POST');
    const etag = await store.write(ORIGIN, row, undefined, never);
    expect(await store.read(ORIGIN, never)).toEqual({ ...row, etag });
    // The run can go on with it.
    await expect(store.write(ORIGIN, later, etag, never)).resolves.toEqual(expect.any(String));
  });

  it('is recognised as our own when it replaced the row', async () => {
    const first = await store.write(ORIGIN, row, undefined, never);
    storage.proxy.loseNextAnswerTo('PUT');
    const etag = await store.write(ORIGIN, later, first, never);
    expect(etag).not.toBe(first);
    expect(await store.read(ORIGIN, never)).toEqual({ ...later, etag });
  });

  it('is lost all the same when another run wrote in between', async () => {
    const first = await store.write(ORIGIN, row, undefined, never);
    const other = { checkpoint, lease: { ...lease, epoch: 8, owner: 'run-8' } };
    storage.proxy.loseNextAnswerTo('PUT', async () => {
      const stored = await store.read(ORIGIN, never);
      await store.write(ORIGIN, other, stored?.etag, never);
    });
    await expect(store.write(ORIGIN, later, first, never)).rejects.toThrow(CheckpointLost);
    expect(await store.read(ORIGIN, never)).toMatchObject(other);
  });

  it('goes on after a failure that the SDK can repeat by itself', async () => {
    storage.proxy.failNext('POST', 503);
    await expect(store.write(ORIGIN, row, undefined, never)).resolves.toEqual(expect.any(String));
  });
});

describe('storage that cannot be used', () => {
  it('is told when it gives no answer at all', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const connectionString = connectionStringOf({ Blob: nowhere, Queue: nowhere, Table: nowhere });
    const client = TableClient.fromConnectionString(connectionString, 'checkpoints', {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
    const unreachable = new TableCheckpointStore(() => Promise.resolve(client));
    await expect(unreachable.read(ORIGIN, never)).rejects.toMatchObject({
      code: 'storage_error',
      message: expect.stringContaining('Azure Storage gave no answer (ECONNREFUSED)') as string,
    });
    await expect(unreachable.write(ORIGIN, row, 'etag', never)).rejects.toMatchObject({
      code: 'storage_error',
    });
  });

  it('is told with the status and the code of the service', async () => {
    const client = await storage.clients({ tries: 1 }).table();
    const impatient = new TableCheckpointStore(() => Promise.resolve(client));
    storage.proxy.failNext('GET', 503);
    await expect(impatient.read(ORIGIN, never)).rejects.toMatchObject({
      code: 'storage_error',
      retryable: true,
      status: 503,
      message: expect.stringMatching(/^Read checkpoint: Azure Storage gave HTTP 503 /) as string,
    });
    storage.proxy.failNext('POST', 403);
    await expect(impatient.write(ORIGIN, row, undefined, never)).rejects.toMatchObject({
      code: 'storage_error',
      status: 403,
    });
  });

  it('is not waited for beyond the signal of the run', async () => {
    const reason = new Error('the run is over');
    await expect(store.read(ORIGIN, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(store.write(ORIGIN, row, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
