import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/operations/Operation.ts';
import type { OperationQuery } from '../../src/operations/OperationStore.ts';
import { TableOperationStore } from '../../src/operations/TableOperationStore.ts';
import { deviceId, START } from '../support/createTestActions.ts';
import { operationOf } from '../support/devices.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';

const never = new AbortController().signal;
const DAY_MS = 24 * 60 * 60_000;

const storage = useLossyStorage('Table');
let table: TableClient;
let store: TableOperationStore;

beforeEach(async () => {
  await open();
});

/** A store over a new table. @param tries how often the SDK makes a failing call. */
async function open(tries = 4): Promise<void> {
  table = await storage.clients({ tries }).table();
  store = new TableOperationStore(() => Promise.resolve(table));
}

const idOf = (number: number) => number.toString(16).padStart(32, '0');
/** What JSON keeps of it. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

async function create(operation: Operation) {
  const stored = await store.create(operation, never);
  if (!stored) throw new Error('there is one already');
  return stored;
}

describe('the store of operations', () => {
  it('gives back what was created, and nothing for an id that is not there', async () => {
    const operation = operationOf();
    const created = await create(operation);
    const read = await store.read(operation.id, never);
    expect(read?.operation).toEqual(plain(operation));
    expect(read?.etag).toBe(created.etag);
    expect(await store.read(idOf(99), never)).toBeUndefined();
  });

  it('lets one of many create an operation', async () => {
    const others = Array.from({ length: 12 }, () => new TableOperationStore(() => Promise.resolve(table)));
    const created = await Promise.all(
      others.map((other, index) => other.create(operationOf({ createdAt: START + index }), never)),
    );
    const winners = created.filter((stored) => stored !== undefined);
    expect(winners).toHaveLength(1);
    expect((await store.read(operationOf().id, never))?.operation).toEqual(plain(winners[0]?.operation));
  });

  it('replaces only the state that was read', async () => {
    const stored = await create(operationOf());
    const next = await store.replace(stored, operationOf({ attempts: 1 }), never);
    expect(next?.operation.attempts).toBe(1);
    expect(await store.replace(stored, operationOf({ attempts: 7 }), never)).toBeUndefined();
    expect((await store.read(stored.operation.id, never))?.operation.attempts).toBe(1);
    expect(next && (await store.replace(next, operationOf({ attempts: 2 }), never))).toBeDefined();
  });

  it('lets one of many replace a state', async () => {
    const stored = await create(operationOf());
    const written = await Promise.all(
      Array.from({ length: 8 }, (_, attempts) => store.replace(stored, operationOf({ attempts }), never)),
    );
    expect(written.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('knows its own write when the answer was lost and the SDK repeated it', async () => {
    storage.proxy.loseNextAnswerTo('POST');
    const stored = await create(operationOf());
    storage.proxy.loseNextAnswerTo('PUT');
    const next = await store.replace(stored, operationOf({ attempts: 1 }), never);
    expect(next?.operation.attempts).toBe(1);
    expect(next?.etag).toBe((await store.read(stored.operation.id, never))?.etag);
  });

  it('does not take for its own the write that somebody else made while the answer was lost', async () => {
    const stored = await create(operationOf());
    const other = new TableOperationStore(() => Promise.resolve(table));
    storage.proxy.loseNextAnswerTo('PUT', async () => {
      const seen = await other.read(stored.operation.id, never);
      if (seen) await other.replace(seen, operationOf({ attempts: 9 }), never);
    });
    expect(await store.replace(stored, operationOf({ attempts: 1 }), never)).toBeUndefined();
    expect((await store.read(stored.operation.id, never))?.operation.attempts).toBe(9);
  });

  it('trusts no row that is damaged or of another release', async () => {
    const { operation } = await create(operationOf());
    const { partitionKey = '', rowKey = '' } = await findRow(operation.id);
    await table.updateEntity({ partitionKey, rowKey, operation: '{' }, 'Merge');
    await expect(store.read(operation.id, never)).rejects.toMatchObject({ code: 'operation_untrusted' });
    await table.updateEntity({ partitionKey, rowKey, schemaVersion: 2 }, 'Merge');
    await expect(store.read(operation.id, never)).rejects.toMatchObject({
      code: 'operation_untrusted',
      message: expect.stringContaining('schema version is 2') as string,
    });
  });

  it('fails with a storage error when the table cannot be reached, and stores nothing', async () => {
    await open(1);
    const stored = await create(operationOf());
    const failing: [string, () => Promise<unknown>][] = [
      ['GET', () => store.read(stored.operation.id, never)],
      ['POST', () => store.create(operationOf({ id: idOf(5) }), never)],
      ['PUT', () => store.replace(stored, operationOf({ attempts: 1 }), never)],
      ['GET', () => store.listOpen(never)],
      ['GET', () => store.list(queryOf(), never)],
      ['DELETE', () => store.close(stored.operation.id, never)],
    ];
    for (const [method, call] of failing) {
      storage.proxy.failNext(method, 503);
      await expect(call()).rejects.toMatchObject({ code: 'storage_error', status: 503 });
    }
    expect(await store.read(idOf(5), never)).toBeUndefined();
    expect((await store.read(stored.operation.id, never))?.operation.attempts).toBe(0);
  });

  it('ends with the signal of the caller', async () => {
    const reason = new Error('the caller left');
    const signal = AbortSignal.abort(reason);
    await expect(store.read(idOf(1), signal)).rejects.toBe(reason);
    await expect(store.create(operationOf(), signal)).rejects.toBe(reason);
    await expect(store.listOpen(signal)).rejects.toBe(reason);
  });
});

async function findRow(id: string) {
  const rows = table.listEntities({ queryOptions: { filter: `RowKey eq '${id}'` } });
  for await (const row of rows) if (row.partitionKey !== 'open') return row;
  throw new Error('no such row');
}

describe('the list of open operations', () => {
  it('has what is not over, and when it began', async () => {
    await create(operationOf({ id: idOf(1), createdAt: START }));
    const second = await create(operationOf({ id: idOf(2), createdAt: START + 1 }));
    expect(await store.listOpen(never)).toMatchObject([
      { id: idOf(1), since: START },
      { id: idOf(2), since: START + 1 },
    ]);
    const running = await store.replace(second, { ...second.operation, status: 'Running' }, never);
    expect(await store.listOpen(never)).toHaveLength(2);
    if (running) await store.replace(running, { ...running.operation, status: 'Succeeded' }, never);
    expect((await store.listOpen(never)).map(({ id }) => id)).toEqual([idOf(1)]);
  });

  it('has an operation before it is created: a crash between the two is seen', async () => {
    await open(1);
    const creating = store.create(operationOf({ id: idOf(1) }), never);
    storage.proxy.failNext('POST', 503);
    await expect(creating).rejects.toMatchObject({ code: 'storage_error' });
    expect(await store.read(idOf(1), never)).toBeUndefined();
    expect(await store.listOpen(never)).toMatchObject([{ id: idOf(1) }]);
  });

  it('forgets an operation once, and does not mind when it was forgotten', async () => {
    await create(operationOf({ id: idOf(1) }));
    await store.close(idOf(1), never);
    await store.close(idOf(1), never);
    expect(await store.listOpen(never)).toEqual([]);
  });

  it('keeps a pointer that was written anew since it was read', async () => {
    await create(operationOf({ id: idOf(1) }));
    const [pointer] = await store.listOpen(never);
    await table.deleteEntity('operation-00', idOf(1));
    await create(operationOf({ id: idOf(1), createdAt: START + 1 }));
    await store.close(idOf(1), never, pointer?.etag);
    const [still] = await store.listOpen(never);
    expect(still).toMatchObject({ id: idOf(1), since: START + 1 });
    await store.close(idOf(1), never, still?.etag);
    expect(await store.listOpen(never)).toEqual([]);
  });
});

function queryOf(query: Partial<OperationQuery> = {}): OperationQuery {
  return {
    ...{ device: undefined, callerId: undefined, since: START - 30 * DAY_MS },
    ...{ top: 100, continuation: undefined },
    ...query,
  };
}

/** The ids of all pages, one list for each. */
async function pagesOf(query: Partial<OperationQuery>): Promise<string[][]> {
  const pages: string[][] = [];
  let continuation: string | undefined;
  do {
    const page = await store.list(queryOf({ ...query, continuation }), never);
    pages.push(page.operations.map(({ id }) => String(Number.parseInt(id, 16))));
    continuation = page.continuation;
  } while (continuation !== undefined);
  return pages;
}

describe('the list of operations', () => {
  const callerOf = (id: string) => ({ kind: 'application', id, name: undefined, applicationId: undefined });

  /** Seven operations over four days, created out of order; a higher number was accepted later. */
  async function fill(): Promise<void> {
    const ages = [3 * DAY_MS, 2 * DAY_MS + 5, 2 * DAY_MS, DAY_MS, 2, 1, 0];
    const operations = ages.map((age, index) =>
      operationOf(
        { id: idOf(index + 1), createdAt: START - age },
        {
          device: { id: deviceId(1 + (index % 2)), name: `WS${1 + (index % 2)}.contoso.example` },
          caller: callerOf(index < 4 ? 'soar' : "o'brien"),
        },
      ),
    );
    for (const operation of [...operations.slice(3), ...operations.slice(0, 3)]) await create(operation);
  }

  it('is newest first, over all days', async () => {
    await fill();
    expect(await pagesOf({})).toEqual([['7', '6', '5', '4', '3', '2', '1']]);
  });

  it.each([1, 2, 3, 6, 7])('comes in pages of %i that miss nothing and repeat nothing', async (top) => {
    await fill();
    const pages = await pagesOf({ top });
    expect(pages.flat()).toEqual(['7', '6', '5', '4', '3', '2', '1']);
    expect(pages.every((page) => page.length <= top)).toBe(true);
    expect(pages.length).toBe(Math.ceil(7 / top));
  });

  it('goes on where it was when operations come in meanwhile', async () => {
    await fill();
    const first = await store.list(queryOf({ top: 3 }), never);
    await create(operationOf({ id: idOf(8), createdAt: START + 1 }));
    const rest = await store.list(queryOf({ continuation: first.continuation }), never);
    expect(rest.operations.map(({ id }) => Number.parseInt(id, 16))).toEqual([4, 3, 2, 1]);
  });

  it.each<[string, Partial<OperationQuery>, string[]]>([
    ['by Defender id', { device: deviceId(1) }, ['7', '5', '3', '1']],
    ['by name in lower case', { device: 'ws2.contoso.example' }, ['6', '4', '2']],
    ['by part of a name: nothing', { device: 'ws2' }, []],
    ['by caller', { callerId: 'soar' }, ['4', '3', '2', '1']],
    ['by a caller with a quote in it', { callerId: "o'brien" }, ['7', '6', '5']],
    ['by a text that is made to select everything: nothing', { callerId: "x' or PartitionKey ge '" }, []],
    ['by both', { device: deviceId(1), callerId: 'soar' }, ['3', '1']],
    ['since an instant, inclusive', { since: START - 2 * DAY_MS }, ['7', '6', '5', '4', '3']],
    ['since the future: nothing', { since: START + 2 * DAY_MS }, []],
  ])('is selected %s', async (_how, query, ids) => {
    await fill();
    expect((await pagesOf(query)).flat()).toEqual(ids);
    expect((await pagesOf({ ...query, top: 2 })).flat()).toEqual(ids);
  });

  it('has every operation once, however often its creation was begun', async () => {
    await open(1);
    // Two crashes before the row, then two processes at once.
    for (const createdAt of [START - DAY_MS, START - 1]) {
      const creating = store.create(operationOf({ createdAt }), never);
      storage.proxy.failNext('POST', 503);
      await expect(creating).rejects.toMatchObject({ code: 'storage_error' });
    }
    await Promise.all([0, 1, 2].map((ms) => store.create(operationOf({ createdAt: START + ms }), never)));
    const { operations } = await store.list(queryOf(), never);
    expect(operations.map(({ id }) => id)).toEqual([operationOf().id]);
  });

  it.each(['x', '', '0000', "' or '1' eq '1", `${'9'.repeat(16)}-x`])(
    'gives nothing that was not asked for with the continuation %j',
    async (continuation) => {
      await fill();
      const { operations } = await store.list(queryOf({ callerId: 'soar', continuation }), never);
      expect(operations.every(({ request }) => request.caller.id === 'soar')).toBe(true);
    },
  );
});
