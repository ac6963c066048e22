import type { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storageStatus } from '../../src/storage/StorageError.ts';
import { MemoryTable } from './MemoryTable.ts';
import { startAzurite, type Azurite } from './startAzurite.ts';
import { createStorageClients } from './storageClients.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

const KEYS = { partitionKey: 'p', rowKey: 'r' };
const entityOf = (properties: object) => Object.assign({ ...KEYS }, properties);

async function statusOf(call: Promise<unknown>): Promise<number | undefined> {
  return await call.then(
    () => 200,
    (error: unknown) => storageStatus(error),
  );
}

/** What the stores rely on; the table in memory and the emulator must agree on every line. */
describe.each([
  ['the emulator', () => createStorageClients(azurite.connectionString).table()],
  ['the table in memory', () => Promise.resolve(new MemoryTable().client())],
])('%s', (_name, open: () => Promise<TableClient>) => {
  it('creates once, and gives back what was written with its ETag', async () => {
    const table = await open();
    expect(await statusOf(table.getEntity('p', 'r'))).toBe(404);
    const { etag } = await table.createEntity(entityOf({ text: 'a', count: 7, is: true, none: undefined }));
    expect(await statusOf(table.createEntity(entityOf({ text: 'b' })))).toBe(409);
    const stored = await table.getEntity('p', 'r');
    expect(stored).toMatchObject({ ...KEYS, text: 'a', count: 7, is: true, etag });
    expect(stored).not.toHaveProperty('none');
  });

  it('replaces only the state that the ETag names, and all of it', async () => {
    const table = await open();
    const update = (properties: object, etag: string | undefined) =>
      statusOf(table.updateEntity(entityOf(properties), 'Replace', { etag: etag ?? '' }));
    expect(await update({ text: 'x' }, 'W/"none"')).toBe(404);
    const first = (await table.createEntity(entityOf({ text: 'a', more: 1 }))).etag;
    expect(await update({ text: 'b' }, first)).toBe(200);
    expect(await update({ text: 'c' }, first)).toBe(412);
    const stored = await table.getEntity('p', 'r');
    expect(stored).toMatchObject({ text: 'b' });
    expect(stored).not.toHaveProperty('more');
    expect(stored.etag).not.toBe(first);
  });

  it('merges into what is there, and only an upsert makes a row', async () => {
    const table = await open();
    expect(await statusOf(table.updateEntity(entityOf({ text: 'a' }), 'Merge'))).toBe(404);
    await table.upsertEntity(entityOf({ text: 'a', more: 1 }), 'Merge');
    await table.updateEntity(entityOf({ text: 'b' }), 'Merge');
    expect(await table.getEntity('p', 'r')).toMatchObject({ text: 'b', more: 1 });
    await table.upsertEntity(entityOf({ text: undefined, more: 2 }), 'Merge');
    expect(await table.getEntity('p', 'r')).toMatchObject({ text: 'b', more: 2 });
  });

  it('upserts whatever is there, and deletes', async () => {
    const table = await open();
    await table.upsertEntity(entityOf({ text: 'a', more: 1 }), 'Replace');
    await table.upsertEntity(entityOf({ text: 'b' }), 'Replace');
    expect(await table.getEntity('p', 'r')).not.toHaveProperty('more');
    const { etag } = await table.getEntity('p', 'r');
    await table.upsertEntity(entityOf({ text: 'c' }), 'Replace');
    expect(await statusOf(table.deleteEntity('p', 'r', { etag }))).toBe(412);
    expect(await statusOf(table.deleteEntity('p', 'r'))).toBe(200);
    expect(await statusOf(table.deleteEntity('p', 'r'))).toBe(404);
  });

  it('lists one partition in the order of row keys', async () => {
    const table = await open();
    for (const [partitionKey, rowKey] of [
      ['open', 'b'],
      ['other', 'c'],
      ['open', 'a'],
    ] as const) {
      await table.upsertEntity(
        { partitionKey, rowKey, since: Date.parse('2026-11-21T12:00:00Z') },
        'Replace',
      );
    }
    const rows = table.listEntities({ queryOptions: { filter: "PartitionKey eq 'open'" } });
    const found: unknown[] = [];
    for await (const { rowKey, since } of rows) found.push([rowKey, Number(since)]);
    expect(found).toEqual([
      ['a', Date.parse('2026-11-21T12:00:00Z')],
      ['b', Date.parse('2026-11-21T12:00:00Z')],
    ]);
  });
});
