import { beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../src/storage/StorageError.ts';
import { Consents, type ConsentAnswer } from '../../src/tenants/Consents.ts';
import { MemoryTable, TableFailure } from '../support/MemoryTable.ts';
import { createTenant, rowOf, tenantId } from '../support/tenants.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 24 * 3_600_000;
const never = new AbortController().signal;

let table: MemoryTable;
let clock: VirtualClock;
let consents: Consents;

beforeEach(() => {
  table = new MemoryTable();
  clock = new VirtualClock(NOW);
  consents = new Consents(() => Promise.resolve(table.client()), clock);
});

async function ask(number = 1): Promise<string> {
  return (await consents.ask(tenantId(number), 'operator', never)).state;
}
const given = (state: string, changes: Partial<ConsentAnswer> = {}): ConsentAnswer => ({
  state,
  tenant: tenantId(1),
  adminConsent: 'True',
  error: undefined,
  ...changes,
});
const finish = (state: string, changes?: Partial<ConsentAnswer>) =>
  consents.finish(given(state, changes), never);

describe('a consent that was asked for', () => {
  it('is taken once, and for the tenant that it was asked of', async () => {
    const state = await ask();
    expect(await finish(state)).toEqual({ kind: 'given', tenantId: tenantId(1) });
    expect(await finish(state)).toEqual({ kind: 'rejected', reason: 'used' });
    expect(await consents.findGiven(tenantId(1), never)).toEqual({
      tenantId: tenantId(1),
      askedBy: 'operator',
      givenAt: NOW,
    });
    expect(await consents.findGiven(tenantId(2), never)).toBeUndefined();
  });

  it('is taken once when two answers come at the same moment', async () => {
    const state = await ask();
    const results = await Promise.all([finish(state), finish(state)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['given', 'rejected']);
  });

  it('works for a day', async () => {
    const [state, late] = [await ask(), await ask()];
    clock.advance(DAY_MS - 1);
    expect(await finish(state)).toMatchObject({ kind: 'given' });
    clock.advance(1);
    expect(await finish(late)).toEqual({ kind: 'rejected', reason: 'expired' });
  });

  it.each<[string, Partial<ConsentAnswer>]>([
    ['tenant', { tenant: tenantId(2) }],
    ['tenant', { tenant: undefined }],
    ['answer', { adminConsent: undefined }],
    ['answer', { adminConsent: 'False' }],
  ])('is not taken from an answer with another %s, and stays open', async (reason, changes) => {
    const state = await ask();
    expect(await finish(state, changes)).toEqual({ kind: 'rejected', reason });
    expect(await finish(state)).toMatchObject({ kind: 'given' });
  });

  it('can still be given after it was declined by mistake', async () => {
    const state = await ask();
    const declined = { error: 'permission_denied', tenant: undefined, adminConsent: undefined };
    expect(await finish(state, declined)).toEqual({ kind: 'declined', tenantId: tenantId(1) });
    expect(await finish(state)).toMatchObject({ kind: 'given' });
  });

  it('stands in the row of a tenant that is listed', async () => {
    await table.client().upsertEntity(rowOf(createTenant(1)), 'Replace');
    await finish(await ask());
    expect(table.rows.get(`tenant/${tenantId(1)}`)).toMatchObject({
      name: 'tenant-1',
      consentedAt: '2026-11-21T12:00:00.000Z',
    });
  });

  it('is stored without the state itself, and every state is another one', async () => {
    const states = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(new Set(states).size).toBe(50);
    const stored = JSON.stringify([...table.rows]);
    for (const state of states) expect(stored).not.toContain(state);
  });
});

describe('an answer that nobody asked for', () => {
  it.each([
    ['state', undefined],
    ['state', ''],
    ['state', 'short'],
    ['state', `${'A'.repeat(42)}'`],
    ['unknown', 'A'.repeat(43)],
  ])('is rejected: %s %j', async (reason, state) => {
    await ask();
    expect(await consents.finish(given('', { state }), never)).toEqual({ kind: 'rejected', reason });
  });

  it('never gets as far as storage when it cannot be one', async () => {
    const refusing = new Consents(() => Promise.reject(new Error('not called')), clock);
    expect(await refusing.finish(given('x'), never)).toMatchObject({ kind: 'rejected' });
  });

  it('is rejected when its row was changed by hand', async () => {
    const state = await ask();
    for (const [key, row] of table.rows) table.rows.set(key, { ...row, tenantId: '<script>' });
    expect(await finish(state)).toEqual({ kind: 'rejected', reason: 'unknown' });
  });
});

it('says that storage cannot be reached', async () => {
  const way = { there: () => Promise.reject(new TableFailure(503, 'ServerBusy')) };
  const down = new Consents(() => Promise.resolve(table.client(way)), clock);
  await expect(down.ask(tenantId(1), 'operator', never)).rejects.toBeInstanceOf(StorageError);
  await expect(down.finish(given('A'.repeat(43)), never)).rejects.toBeInstanceOf(StorageError);
});
