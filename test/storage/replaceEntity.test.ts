import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { findEntity, replaceEntity } from '../../src/storage/replaceEntity.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';

const never = new AbortController().signal;
const KEYS = { partitionKey: 'a', rowKey: 'b' };

const storage = useLossyStorage('Table');
let table: TableClient;

beforeEach(async () => {
  table = await storage.clients().table();
});

const entityOf = (properties: object) => Object.assign({ ...KEYS }, properties);
const write = (value: string, etag: string | undefined) =>
  replaceEntity(table, entityOf({ value }), etag, never);
const stored = async () => (await findEntity(table, KEYS, never))?.value;

describe('replacing an entity', () => {
  it('makes it where there is none, and replaces it where it is as it was named', async () => {
    const first = await write('1', undefined);
    expect(await stored()).toBe('1');
    const second = await write('2', first);
    expect(await stored()).toBe('2');
    expect((await findEntity(table, KEYS, never))?.etag).toBe(second);
  });

  it('leaves no property of the state before', async () => {
    const etag = await replaceEntity(table, entityOf({ value: '1', more: 'x' }), undefined, never);
    await write('2', etag);
    expect(await findEntity(table, KEYS, never)).not.toHaveProperty('more');
  });

  it('writes nothing over a state that it did not name', async () => {
    const first = await write('1', undefined);
    const second = await write('2', first);
    expect(await write('3', first)).toBeUndefined();
    expect(await write('3', undefined)).toBeUndefined();
    expect(await stored()).toBe('2');
    await table.deleteEntity('a', 'b');
    expect(await write('3', second)).toBeUndefined();
    expect(await stored()).toBeUndefined();
  });

  it.each([
    ['the same content as the other one', '2'],
    ['other content', '3'],
  ])('tells the write of somebody else from its own, also with %s', async (_case, value) => {
    const first = await write('1', undefined);
    await write('2', first);
    expect(await write(value, first)).toBeUndefined();
  });

  it('recognises its own write when the answer was lost and the SDK repeated it', async () => {
    storage.proxy.loseNextAnswerTo('POST');
    const first = await write('1', undefined);
    expect(first).toEqual(expect.any(String));
    storage.proxy.loseNextAnswerTo('PUT');
    const second = await write('2', first);
    expect(second).toEqual(expect.any(String));
    expect((await findEntity(table, KEYS, never))?.etag).toBe(second);
  });

  it('gives what the SDK threw when the call failed for another reason', async () => {
    table = await storage.clients({ tries: 1 }).table();
    storage.proxy.failNext('POST', 503);
    await expect(write('1', undefined)).rejects.toMatchObject({ name: 'RestError', statusCode: 503 });
    storage.proxy.failNext('GET', 500);
    await expect(stored()).rejects.toMatchObject({ name: 'RestError', statusCode: 500 });
  });

  it('ends with the signal of the caller', async () => {
    const reason = new Error('the run is over');
    const signal = AbortSignal.abort(reason);
    await expect(replaceEntity(table, entityOf({ value: '1' }), undefined, signal)).rejects.toBe(reason);
    await expect(findEntity(table, KEYS, signal)).rejects.toBe(reason);
  });
});
