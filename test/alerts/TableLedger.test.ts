import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AlertVersion } from '../../src/alerts/AlertVersion.ts';
import { ledgerGroup } from '../../src/alerts/ledgerKeys.ts';
import { TableLedger } from '../../src/alerts/TableLedger.ts';
import { formatTicks } from '../../src/alerts/ticks.ts';
import { createVersion, ORIGIN, ticksOf } from '../support/alerts.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';

const never = new AbortController().signal;
const NOON = ticksOf('2026-11-21T12:00:00Z');
const HORIZON = ticksOf('2026-10-22T00:00:00Z');

const storage = useLossyStorage('Table');
let table: TableClient;
let ledger: TableLedger;

beforeEach(async () => {
  table = await storage.clients().table();
  ledger = new TableLedger(() => Promise.resolve(table));
});

/** So many versions of different alerts, one tick apart, the first one at noon. */
function versionsFrom(start: bigint, count: number): AlertVersion[] {
  return Array.from({ length: count }, (_, index) => {
    const at = start + BigInt(index);
    return createVersion({ id: `da${at}`, lastUpdateTime: formatTicks(at) });
  });
}

async function recordAll(group: string, versions: readonly AlertVersion[]): Promise<void> {
  for (let start = 0; start < versions.length; start += 100) {
    await ledger.record(group, versions.slice(start, start + 100), never);
  }
}

async function groupsLeft(): Promise<string[]> {
  const groups = new Set<string>();
  for await (const { partitionKey } of table.listEntities()) if (partitionKey) groups.add(partitionKey);
  return [...groups].sort();
}

describe('the ledger in Table Storage', () => {
  it('knows exactly the versions that were recorded', async () => {
    const versions = versionsFrom(NOON, 40);
    await ledger.record(
      'group',
      versions.filter((_, index) => index % 3 === 0),
      never,
    );
    const known = await ledger.findHandedOver('group', versions, never);
    expect(versions.map((version) => known.has(version))).toEqual(
      versions.map((_, index) => index % 3 === 0),
    );
  });

  it('knows nothing before anything was recorded', async () => {
    expect(await ledger.findHandedOver('group', versionsFrom(NOON, 5), never)).toEqual(new Set());
  });

  it('tells groups apart', async () => {
    const versions = versionsFrom(NOON, 2);
    await ledger.record('group', versions, never);
    expect(await ledger.findHandedOver('group2', versions, never)).toEqual(new Set());
    expect(await ledger.findHandedOver('grou', versions, never)).toEqual(new Set());
  });

  it('tells versions of the same instant apart', async () => {
    const [first, second] = ['a', 'b'].map((id) => createVersion({ id }));
    if (!first || !second) throw new Error('two versions are needed');
    await ledger.record('group', [first], never);
    expect(await ledger.findHandedOver('group', [first, second], never)).toEqual(new Set([first]));
  });

  it('knows all of a batch also when more rows lie between its first and last than one answer holds', async () => {
    const recorded = versionsFrom(NOON, 2_300);
    await recordAll('group', recorded);
    // Every 46th of them, each with one of the same instant that was never recorded: a batch of 100 rows.
    const batch = recorded.filter((_, index) => index % 46 === 0);
    const strangers = batch.map(({ version }, index) =>
      createVersion({ id: `new${index}`, lastUpdateTime: version }),
    );
    const known = await ledger.findHandedOver('group', [...strangers, ...batch], never);
    expect(known).toEqual(new Set(batch));
  });

  it('records a whole batch of a hundred', async () => {
    const versions = versionsFrom(NOON, 100);
    await ledger.record('group', versions, never);
    expect((await ledger.findHandedOver('group', versions, never)).size).toBe(100);
  });

  it('records a batch as a whole or not at all', async () => {
    const versions = versionsFrom(NOON, 101);
    // One more than a transaction takes.
    await expect(ledger.record('group', versions, never)).rejects.toMatchObject({ code: 'storage_error' });
    expect(await ledger.findHandedOver('group', versions, never)).toEqual(new Set());
  });

  it('takes it for nothing new when a version is recorded twice', async () => {
    const versions = versionsFrom(NOON, 3);
    await ledger.record('group', versions, never);
    await ledger.record('group', versions, never);
    expect((await ledger.findHandedOver('group', versions, never)).size).toBe(3);
  });

  it('records also when the answer is lost and the SDK repeats the transaction', async () => {
    const versions = versionsFrom(NOON, 3);
    storage.proxy.loseNextAnswerTo('POST');
    await ledger.record('group', versions, never);
    expect((await ledger.findHandedOver('group', versions, never)).size).toBe(3);
  });

  it('holds nothing of an alert but that it was handed over', async () => {
    await ledger.record('group', [createVersion({ id: 'da1', title: 'Mimikatz' })], never);
    for await (const entity of table.listEntities()) {
      expect(Object.keys(entity).sort()).toEqual(['etag', 'partitionKey', 'rowKey', 'timestamp']);
      expect(JSON.stringify(entity)).not.toContain('da1');
    }
  });
});

describe('forgetting', () => {
  const versionOf = (day: string, origin = ORIGIN) =>
    createVersion({ id: 'da1', lastUpdateTime: `${day}T12:00:00Z` }, origin);
  /** As it was recorded when it was new. */
  const groupOf = (version: AlertVersion) => ledgerGroup(version, 0n);

  it('takes whole days before the horizon and keeps the others', async () => {
    const versions = ['2026-08-01', '2026-10-21', '2026-10-22', '2026-11-21'].map((day) => versionOf(day));
    for (const version of versions) await ledger.record(groupOf(version), [version], never);
    expect(await ledger.forget(ORIGIN, HORIZON, never)).toBe(false);
    expect(await groupsLeft()).toEqual(versions.slice(2).map(groupOf).sort());
  });

  it('never takes versions that were from before the horizon already when they were handed over', async () => {
    const old = versionOf('2020-01-01');
    await ledger.record(ledgerGroup(old, HORIZON), [old], never);
    await ledger.forget(ORIGIN, ticksOf('2099-01-01T00:00:00Z'), never);
    expect(await ledger.findHandedOver(ledgerGroup(old, HORIZON), [old], never)).toEqual(new Set([old]));
  });

  it('leaves other tenants and sources alone', async () => {
    const others = [
      { ...ORIGIN, tenantId: 'fabrikam.example' },
      { ...ORIGIN, source: 'graph' },
      { ...ORIGIN, source: 'endpoint2' },
    ].map((origin) => versionOf('2026-08-01', origin));
    for (const version of others) await ledger.record(groupOf(version), [version], never);
    await ledger.forget(ORIGIN, HORIZON, never);
    expect(await groupsLeft()).toEqual(others.map(groupOf).sort());
  });

  it('takes some at a time and says that there is more', async () => {
    const start = ticksOf('2026-08-01T00:00:00Z');
    await recordAll(groupOf(versionOf('2026-08-01')), versionsFrom(start, 1_150));
    await recordAll(groupOf(versionOf('2026-08-02')), versionsFrom(ticksOf('2026-08-02T00:00:00Z'), 150));
    expect(await ledger.forget(ORIGIN, HORIZON, never)).toBe(true);
    expect(await groupsLeft()).not.toEqual([]);
    expect(await ledger.forget(ORIGIN, HORIZON, never)).toBe(false);
    expect(await groupsLeft()).toEqual([]);
  });

  it('comes to its end also when the answer to a deletion is lost and the SDK repeats it', async () => {
    const version = versionOf('2026-08-01');
    await ledger.record(groupOf(version), [version], never);
    storage.proxy.loseNextAnswerTo('POST');
    expect(await ledger.forget(ORIGIN, HORIZON, never)).toBe(false);
    expect(await groupsLeft()).toEqual([]);
  });
});

describe('a ledger that cannot be used', () => {
  it('is told by each of its verbs, never taken for an empty one', async () => {
    const client = await storage.clients({ tries: 1 }).table();
    const impatient = new TableLedger(() => Promise.resolve(client));
    const versions = versionsFrom(NOON, 2);
    storage.proxy.failNext('GET', 503);
    await expect(impatient.findHandedOver('group', versions, never)).rejects.toMatchObject({
      code: 'storage_error',
      status: 503,
      message: expect.stringMatching(/^Read ledger: /) as string,
    });
    storage.proxy.failNext('POST', 500);
    await expect(impatient.record('group', versions, never)).rejects.toMatchObject({
      code: 'storage_error',
      message: expect.stringMatching(/^Write ledger: /) as string,
    });
    storage.proxy.failNext('GET', 503);
    await expect(impatient.forget(ORIGIN, HORIZON, never)).rejects.toMatchObject({ code: 'storage_error' });
    const old = createVersion({ lastUpdateTime: '2026-08-01T00:00:00Z' });
    await impatient.record(ledgerGroup(old, 0n), [old], never);
    storage.proxy.failNext('POST', 500);
    await expect(impatient.forget(ORIGIN, HORIZON, never)).rejects.toMatchObject({
      code: 'storage_error',
      message: expect.stringMatching(/^Delete old ledger rows: /) as string,
    });
  });

  it('is not waited for beyond the signal of the run', async () => {
    const reason = new Error('the run is over');
    const signal = AbortSignal.abort(reason);
    await expect(ledger.findHandedOver('group', versionsFrom(NOON, 1), signal)).rejects.toBe(reason);
    await expect(ledger.record('group', versionsFrom(NOON, 1), signal)).rejects.toBe(reason);
    await expect(ledger.forget(ORIGIN, HORIZON, signal)).rejects.toBe(reason);
  });
});
