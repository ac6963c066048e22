import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryClaim } from '../../src/alerts/AlertHistory.ts';
import { createEnvelope, type AlertEnvelope } from '../../src/alerts/envelope.ts';
import { TableAlertHistory } from '../../src/alerts/TableAlertHistory.ts';
import { createVersion, ORIGIN } from '../support/alerts.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;
const START = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;

const storage = useLossyStorage('Table');
let table: TableClient;
let clock: VirtualClock;
let history: TableAlertHistory;

beforeEach(async () => {
  table = await storage.clients().table();
  clock = new VirtualClock(START);
  history = new TableAlertHistory(() => Promise.resolve(table), clock);
});

/** A version of the alert, updated so many minutes after two. */
function versionAt(minute: number, id = 'da1', origin = ORIGIN): AlertEnvelope {
  const lastUpdateTime = `2026-11-21T02:${String(minute).padStart(2, '0')}:00Z`;
  return createEnvelope(createVersion({ id, lastUpdateTime }, origin), START);
}

const undated = (status: string) => createEnvelope(createVersion({ lastUpdateTime: 'never', status }), START);

async function claim(envelope: AlertEnvelope): Promise<DeliveryClaim> {
  const claimed = await history.claim(envelope, never);
  if (typeof claimed === 'string') throw new Error(`it is ${claimed}`);
  return claimed;
}

async function deliver(envelope: AlertEnvelope): Promise<string> {
  const claimed = await history.claim(envelope, never);
  if (typeof claimed === 'string') return claimed;
  await claimed.settle(never);
  return claimed.change;
}

describe('the history of alerts', () => {
  it('calls the first version created, newer ones updated, the same and older ones stale', async () => {
    expect(await deliver(versionAt(10))).toBe('created');
    expect(await deliver(versionAt(20))).toBe('updated');
    expect(await deliver(versionAt(20))).toBe('stale');
    expect(await deliver(versionAt(10))).toBe('stale');
    expect(await deliver(versionAt(15))).toBe('stale');
    expect(await deliver(versionAt(21))).toBe('updated');
  });

  it('keeps the first and the last version delivered', async () => {
    for (const minute of [10, 20, 30]) await deliver(versionAt(minute));
    for await (const entity of table.listEntities()) {
      expect(entity).toMatchObject({
        firstVersion: '2026-11-21T02:10:00.0000000Z',
        lastVersion: '2026-11-21T02:30:00.0000000Z',
        claimedUntil: '',
      });
    }
  });

  it('tells versions apart that differ in the seventh digit', async () => {
    const at = (fraction: string) =>
      createEnvelope(createVersion({ lastUpdateTime: `2026-11-21T02:30:00${fraction}Z` }), START);
    expect(await deliver(at('.0000001'))).toBe('created');
    expect(await deliver(at('.1'))).toBe('updated');
    expect(await deliver(at('.0999999'))).toBe('stale');
  });

  it('is kept for each alert, source and tenant on its own', async () => {
    await deliver(versionAt(10));
    expect(await deliver(versionAt(10, 'da2'))).toBe('created');
    expect(await deliver(versionAt(10, 'DA1'))).toBe('created');
    expect(await deliver(versionAt(10, 'da1', { ...ORIGIN, source: 'graph' }))).toBe('created');
    expect(await deliver(versionAt(10, 'da1', { ...ORIGIN, tenantId: 'x/y' }))).toBe('created');
  });

  it('takes an undated version for stale only when it is the very one that was delivered last', async () => {
    expect(await deliver(undated('New'))).toBe('created');
    expect(await deliver(undated('New'))).toBe('stale');
    expect(await deliver(undated('Resolved'))).toBe('updated');
    expect(await deliver(versionAt(10))).toBe('updated');
    expect(await deliver(undated('New'))).toBe('updated');
  });
});

describe('a claim', () => {
  it('keeps all other versions of the alert waiting until it is settled', async () => {
    const first = await claim(versionAt(10));
    expect(await history.claim(versionAt(20), never)).toBe('busy');
    expect(await history.claim(versionAt(10), never)).toBe('busy');
    await first.settle(never);
    expect(await deliver(versionAt(20))).toBe('updated');
  });

  it('does not keep other alerts waiting', async () => {
    await claim(versionAt(10));
    expect(await deliver(versionAt(10, 'da2'))).toBe('created');
  });

  it('that is released leaves everything as it was', async () => {
    await (await claim(versionAt(10))).release(never);
    const again = await claim(versionAt(10));
    expect(again.change).toBe('created');
    await again.settle(never);
    await (await claim(versionAt(20))).release(never);
    expect(await deliver(versionAt(20))).toBe('updated');
    expect(await deliver(versionAt(10))).toBe('stale');
  });

  it('runs out after five minutes, so that a crash holds an alert up no longer', async () => {
    await claim(versionAt(10));
    clock.advance(5 * MINUTE_MS - 1);
    expect(await history.claim(versionAt(10), never)).toBe('busy');
    clock.advance(1);
    expect(await deliver(versionAt(10))).toBe('created');
  });

  it('that ran out changes nothing of what the next one settled', async () => {
    const late = await claim(versionAt(10));
    clock.advance(5 * MINUTE_MS);
    expect(await deliver(versionAt(20))).toBe('created');
    await late.settle(never);
    await late.release(never);
    expect(await deliver(versionAt(20))).toBe('stale');
  });

  it('is won by exactly one of many at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => history.claim(versionAt(10), never)));
    expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(7);
    await deliver(versionAt(11));
    const second = new TableAlertHistory(() => Promise.resolve(table), clock);
    clock.advance(5 * MINUTE_MS);
    const again = await Promise.all([history, second].map((each) => each.claim(versionAt(12), never)));
    expect(again.filter((outcome) => outcome === 'busy')).toHaveLength(1);
  });
});

describe('a write to the history whose answer is lost', () => {
  it('is not taken for the claim of somebody else when it made the claim', async () => {
    storage.proxy.loseNextAnswerTo('POST');
    // Otherwise the alert would wait five minutes for a delivery that nobody makes.
    expect(await deliver(versionAt(10))).toBe('created');
  });

  it('counts when it settled the claim', async () => {
    const claimed = await claim(versionAt(10));
    storage.proxy.loseNextAnswerTo('PUT');
    await claimed.settle(never);
    expect(await deliver(versionAt(10))).toBe('stale');
  });
});

describe('a history that cannot be used', () => {
  it('is told, never taken for an empty one', async () => {
    const client = await storage.clients({ tries: 1 }).table();
    const impatient = new TableAlertHistory(() => Promise.resolve(client), clock);
    storage.proxy.failNext('GET', 503);
    await expect(impatient.claim(versionAt(10), never)).rejects.toMatchObject({
      code: 'storage_error',
      message: expect.stringMatching(/^Read alert history: /) as string,
    });
    storage.proxy.failNext('POST', 403);
    await expect(impatient.claim(versionAt(10), never)).rejects.toMatchObject({
      code: 'storage_error',
      message: expect.stringMatching(/^Write alert history: /) as string,
    });
    const reason = new Error('the function is over');
    await expect(history.claim(versionAt(10), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
