import { beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../src/storage/StorageError.ts';
import { TableTenantDirectory } from '../../src/tenants/TableTenantDirectory.ts';
import { TenantNotFound } from '../../src/tenants/TenantNotFound.ts';
import { TenantPaused } from '../../src/tenants/TenantPaused.ts';
import { collectLogs, type CollectedLogs } from '../support/collectLogs.ts';
import { MemoryTable, TableFailure } from '../support/MemoryTable.ts';
import { createTenant, HOME, rowOf, tenantId } from '../support/tenants.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const never = new AbortController().signal;

let table: MemoryTable;
let clock: VirtualClock;
let logs: CollectedLogs;
let directory: TableTenantDirectory;
let queries: number;
let failure: Error | undefined;

beforeEach(() => {
  table = new MemoryTable();
  clock = new VirtualClock(NOW);
  logs = collectLogs();
  queries = 0;
  failure = undefined;
  const way = {
    there: (method: string) => {
      if (method === 'listEntities') queries += 1;
      return failure ? Promise.reject(failure) : Promise.resolve();
    },
  };
  directory = new TableTenantDirectory(() => Promise.resolve(table.client(way)), HOME, clock, logs.logger);
});

async function store(...rows: ReturnType<typeof rowOf>[]): Promise<void> {
  for (const row of rows) await table.client().upsertEntity(row, 'Replace');
}

const names = async () => (await directory.listEnabled(never)).map(({ name }) => name);

describe('the directory of tenants', () => {
  it('finds tenants by id and by name, and the home tenant without one', async () => {
    await store(rowOf(createTenant(1)));
    expect(await directory.resolve('tenant-1', never)).toMatchObject({ id: tenantId(1), isHome: false });
    expect(await directory.resolve(tenantId(1), never)).toMatchObject({ name: 'tenant-1' });
    expect(await directory.resolve(undefined, never)).toMatchObject({ id: HOME.tenantId, isHome: true });
    await expect(directory.resolve('tenant-2', never)).rejects.toBeInstanceOf(TenantNotFound);
    // A consent that was asked for lies in the same table.
    await table.client().upsertEntity({ partitionKey: 'consent', rowKey: 'x', tenantId: 'x' }, 'Replace');
    expect(await names()).toEqual(['home', 'tenant-1']);
  });

  it('gives a paused tenant only to whoever may look at it', async () => {
    await store(rowOf(createTenant(1, { isEnabled: false })));
    await expect(directory.resolve('tenant-1', never)).rejects.toBeInstanceOf(TenantPaused);
    expect(await directory.find('tenant-1', never)).toMatchObject({ isEnabled: false });
    expect(await names()).toEqual(['home']);
  });

  it('knows of a pause after five seconds, and asks storage once until then, however many ask', async () => {
    await store(rowOf(createTenant(1)));
    await Promise.all(Array.from({ length: 500 }, () => directory.resolve('tenant-1', never)));
    expect(queries).toBe(1);
    await store(rowOf(createTenant(1, { isEnabled: false })));
    clock.advance(4_999);
    await directory.resolve('tenant-1', never);
    clock.advance(1);
    await expect(directory.resolve('tenant-1', never)).rejects.toBeInstanceOf(TenantPaused);
    expect(queries).toBe(2);
  });

  it('lets nobody through when storage cannot be read, and asks it again the next time', async () => {
    failure = new TableFailure(503, 'ServerBusy');
    await expect(directory.resolve(undefined, never)).rejects.toBeInstanceOf(StorageError);
    failure = undefined;
    expect(await directory.resolve(undefined, never)).toMatchObject({ isHome: true });
  });

  it('serves the others when one who asked has left', async () => {
    const left = AbortSignal.abort(new Error('left'));
    const [first, second] = await Promise.allSettled([
      directory.resolve(undefined, left),
      directory.resolve(undefined, never),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'left' } });
    expect(second.status).toBe('fulfilled');
  });

  it('tells of a damaged row once an hour, and goes on with the others', async () => {
    await store(rowOf(createTenant(1), { cloud: 'dod' }), rowOf(createTenant(2)));
    expect(await names()).toEqual(['home', 'tenant-2']);
    clock.advance(60 * 60_000 - 1);
    await names();
    expect(logs.lines).toEqual([
      expect.stringMatching(
        /^error .* event=tenant_row_untrusted tenantId=0{8}-.*1 reason="its cloud dod has/,
      ),
    ]);
    clock.advance(5_000);
    await names();
    expect(logs.lines).toHaveLength(2);
  });
});

describe('noting how a pull ended', () => {
  const end = (outcome: string) => ({ startedAt: NOW - 1_000, outcome });

  it('keeps the last success when the pull failed, and does not undo a pause', async () => {
    const tenant = createTenant(1, { lastSuccess: 5_000 });
    await store(rowOf(tenant));
    await store(rowOf(createTenant(1, { lastSuccess: 5_000, isEnabled: false })));
    await directory.note(tenant, end('credential_refused'), never);
    const failed = { lastAttempt: NOW - 1_000, lastSuccess: 5_000, lastOutcome: 'credential_refused' };
    expect(await directory.find('tenant-1', never)).toMatchObject({ ...failed, isEnabled: false });
    await directory.note(tenant, end('finished'), never);
    clock.advance(5_000);
    expect(await directory.find('tenant-1', never)).toMatchObject({
      ...{ lastAttempt: NOW - 1_000, lastSuccess: NOW, lastOutcome: 'finished' },
      isEnabled: false,
    });
  });

  it('keeps a removed tenant removed, and makes the home tenant a row without changing it', async () => {
    await directory.note(createTenant(1), end('finished'), never);
    expect(table.rows.size).toBe(0);
    const home = await directory.find(undefined, never);
    await directory.note(home, end('finished'), never);
    clock.advance(5_000);
    expect(await directory.find(undefined, never)).toEqual({
      ...home,
      ...{ lastAttempt: NOW - 1_000, lastSuccess: NOW, lastOutcome: 'finished' },
    });
  });
});
