import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageKey, type AlertVersion } from '../../src/alerts/AlertVersion.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import { HandOver, type HandOverInit } from '../../src/alerts/HandOver.ts';
import { ledgerGroup, ledgerRow } from '../../src/alerts/ledgerKeys.ts';
import type { Outbox } from '../../src/alerts/Outbox.ts';
import { formatTicks } from '../../src/alerts/ticks.ts';
import { pageLimits } from '../../src/defender/PageSplitter.ts';
import { elementOf, ORIGIN, ticksOf } from '../support/alerts.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { storageError } from '../support/errors.ts';
import { MemoryLedger, MemoryOutbox, MemoryQuarantine } from '../support/memoryStores.ts';

const HORIZON = ticksOf('2026-10-22T00:00:00Z');
const NOON = ticksOf('2026-11-21T12:00:00Z');

function createHandOver(init: Partial<HandOverInit> = {}) {
  const ledger = new MemoryLedger();
  const outbox = new MemoryOutbox();
  const quarantine = new MemoryQuarantine();
  const logs = collectLogs();
  const create = () =>
    new HandOver({
      origin: ORIGIN,
      ledger,
      outbox,
      quarantine,
      logger: logs.logger,
      horizon: HORIZON,
      keepHold: () => Promise.resolve(),
      signal: new AbortController().signal,
      ...init,
    });
  return { handOver: create(), create, ledger, outbox, quarantine, logs };
}

const alert = (id: string, offset = 0n) => elementOf({ id, lastUpdateTime: formatTicks(NOON + offset) });
const sentIds = (outbox: MemoryOutbox) => outbox.sent.map(({ alertId }) => alertId).sort();
const rowsOf = (ledger: MemoryLedger) => [...ledger.groups.values()].flatMap((rows) => [...rows]).sort();

describe('handing over', () => {
  it('happens only with the flush, so that a page that broke off leaves nothing behind', async () => {
    const { handOver, outbox, ledger } = createHandOver();
    await handOver.observe(alert('a'), true);
    await handOver.observe(alert('b'), true);
    expect(outbox.sent).toEqual([]);
    await handOver.flush();
    expect(sentIds(outbox)).toEqual(['a', 'b']);
    expect(rowsOf(ledger)).toEqual(outbox.sent.map(ledgerRow).sort());
  });

  it('forgets with a discard what was observed, and takes it when it comes again', async () => {
    const { handOver, outbox } = createHandOver();
    await handOver.observe(alert('a'), true);
    handOver.discard();
    await handOver.flush();
    expect(outbox.sent).toEqual([]);
    await handOver.observe(alert('a'), true);
    await handOver.flush();
    expect(sentIds(outbox)).toEqual(['a']);
  });

  it('puts versions into the ledger only after the outbox has them', async () => {
    const atSend: string[][] = [];
    const outbox: Outbox = {
      send: () => {
        atSend.push(rowsOf(ledger));
        return Promise.resolve();
      },
    };
    const { handOver, ledger } = createHandOver({ outbox });
    await handOver.observe(alert('a'), true);
    await handOver.flush();
    expect(atSend).toEqual([[]]);
    expect(rowsOf(ledger)).toHaveLength(1);
  });

  it('sends each version once, in batches of at most 100 that share a group of the ledger', async () => {
    // Within an hour they crowd into the four groups of one day; within three days they spread over twelve.
    const offsets = fc
      .constantFrom(3_600, 3 * 24 * 3_600)
      .chain((max) => fc.array(fc.nat({ max }), { minLength: 1, maxLength: 700, size: 'max' }));
    await fc.assert(
      fc.asyncProperty(offsets, async (seconds) => {
        const batches: (readonly AlertVersion[])[] = [];
        const outbox: Outbox = {
          send: (batch) => {
            batches.push(batch);
            return Promise.resolve();
          },
        };
        const { handOver } = createHandOver({ outbox });
        for (const [index, second] of seconds.entries()) {
          await handOver.observe(alert(`da${index}`, -BigInt(second) * 10_000_000n), true);
        }
        await handOver.flush();
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(100);
          expect(new Set(batch.map((version) => ledgerGroup(version, HORIZON))).size).toBe(1);
        }
        const ids = batches.flat().map(({ alertId }) => alertId);
        expect(ids.sort()).toEqual(seconds.map((_, index) => `da${index}`).sort());
        expect(handOver.counts).toEqual({
          read: seconds.length,
          fresh: seconds.length,
          handedOver: seconds.length,
          quarantined: 0,
        });
      }),
      { numRuns: 25 },
    );
  });

  it('sends a version once that comes twice on a page, and both versions of an alert', async () => {
    const { handOver, outbox } = createHandOver();
    for (const offset of [0n, 1n, 0n]) await handOver.observe(alert('a', offset), true);
    await handOver.flush();
    expect(outbox.sent.map(({ version }) => version).sort()).toEqual([
      '2026-11-21T12:00:00.0000000Z',
      '2026-11-21T12:00:00.0000001Z',
    ]);
  });

  it('sends nothing again that the ledger knows, also in a new process', async () => {
    const { handOver, create, outbox } = createHandOver();
    await handOver.observe(alert('a'), true);
    await handOver.flush();
    const next = create();
    await next.observe(alert('a'), true);
    await next.observe(alert('b'), true);
    await next.flush();
    expect(sentIds(outbox)).toEqual(['a', 'b']);
    expect(next.counts).toEqual({ read: 2, fresh: 1, handedOver: 1, quarantined: 0 });
  });

  it('knows a version whose day the horizon has passed since, and goes on knowing it when that day is deleted', async () => {
    const before = createHandOver();
    await before.handOver.observe(alert('a'), true);
    await before.handOver.flush();
    const horizon = NOON + 1n;
    const passed = () => createHandOver({ ledger: before.ledger, outbox: before.outbox, horizon }).handOver;
    const observeAgain = async () => {
      const handOver = passed();
      await handOver.observe(alert('a'), true);
      await handOver.observe(alert('older', -24n * 36_000_000_000n), true);
      await handOver.flush();
    };
    await observeAgain();
    await before.ledger.forget(ORIGIN, ticksOf('2099-01-01T00:00:00Z'));
    await observeAgain();
    expect(sentIds(before.outbox)).toEqual(['a', 'older']);
  });

  it('leaves the ledger as it was when the outbox refuses a batch, so that the next try sends it', async () => {
    const inner = new MemoryOutbox();
    let isDown = true;
    const outbox: Outbox = {
      send: (batch) => (isDown ? Promise.reject(storageError()) : inner.send(batch)),
    };
    const { handOver, ledger } = createHandOver({ outbox });
    await handOver.observe(alert('a'), true);
    await expect(handOver.flush()).rejects.toMatchObject({ code: 'storage_error' });
    expect(rowsOf(ledger)).toEqual([]);

    isDown = false;
    handOver.discard();
    await handOver.observe(alert('a'), true);
    await handOver.flush();
    expect(sentIds(inner)).toEqual(['a']);
    expect(rowsOf(ledger)).toHaveLength(1);
  });

  it('repeats only the batch under way when the ledger fails after the outbox took it', async () => {
    const inner = new MemoryLedger();
    let batchAtFailure = 0;
    const { handOver, create, outbox } = createHandOver({
      ledger: {
        findHandedOver: (group, batch) => inner.findHandedOver(group, batch),
        forget: (origin, horizon) => inner.forget(origin, horizon),
        record: (group, batch) => {
          if (batchAtFailure > 0) return inner.record(group, batch);
          batchAtFailure = batch.length;
          return Promise.reject(storageError());
        },
      },
    });
    const elements = Array.from({ length: 150 }, (_, index) => alert(`da${index}`));
    for (const element of elements) await handOver.observe(element, true);
    await expect(handOver.flush()).rejects.toMatchObject({ code: 'storage_error' });

    const next = create();
    for (const element of elements) await next.observe(element, true);
    await next.flush();
    expect(outbox.counts.size).toBe(150);
    expect(outbox.sent.length - outbox.counts.size).toBe(batchAtFailure);
  });

  it('hands nothing over once another run holds the checkpoint', async () => {
    const { handOver, outbox, ledger } = createHandOver({
      keepHold: () => Promise.reject(new CheckpointLost()),
    });
    await handOver.observe(alert('a'), true);
    await expect(handOver.flush()).rejects.toThrow(CheckpointLost);
    expect(outbox.sent).toEqual([]);
    expect(rowsOf(ledger)).toEqual([]);
  });

  it('holds no more than some megabytes back: beyond that, batches go before they are full', async () => {
    const { handOver, outbox } = createHandOver();
    const megabyte = 'x'.repeat(1024 * 1024);
    let most = 0;
    for (let index = 0; index < 12; index += 1) {
      const element = elementOf({ id: `da${index}`, lastUpdateTime: formatTicks(NOON), title: megabyte });
      await handOver.observe(element, true);
      most = Math.max(most, index + 1 - outbox.sent.length);
    }
    expect(most).toBeLessThanOrEqual(4);
    await handOver.flush();
    expect(new Set(sentIds(outbox)).size).toBe(12);
    expect(outbox.sent).toHaveLength(12);
  });

  it('counts a version once towards that, however often it comes', async () => {
    const { handOver, outbox } = createHandOver();
    const title = 'x'.repeat(1024 * 1024);
    for (let time = 0; time < 12; time += 1) {
      await handOver.observe(elementOf({ id: 'a', lastUpdateTime: formatTicks(NOON), title }), true);
    }
    expect(outbox.sent).toEqual([]);
    await handOver.flush();
    expect(sentIds(outbox)).toEqual(['a']);
  });

  it('counts what waits anew after each flush, so that small alerts go in full batches', async () => {
    const sizes: number[] = [];
    const outbox: Outbox = {
      send: (batch) => {
        sizes.push(batch.length);
        return Promise.resolve();
      },
    };
    const { handOver } = createHandOver({ outbox });
    const title = 'x'.repeat(30 * 1024);
    for (let page = 0; page < 6; page += 1) {
      for (let index = 0; index < 40; index += 1) {
        const id = `da${page}-${index}`;
        await handOver.observe(elementOf({ id, lastUpdateTime: formatTicks(NOON), title }), true);
      }
      await handOver.flush();
    }
    // Four groups a day; a page of 40 never goes in more batches than that.
    expect(sizes).toHaveLength(24);
  });
});

describe('what cannot be handed over', () => {
  it('is quarantined with its reason, told once, and does not hold up the others', async () => {
    const { handOver, outbox, quarantine, logs } = createHandOver();
    const huge = { bytes: Buffer.from('{"id":"h'), totalBytes: pageLimits.elementBytes + 1 };
    const elements = [elementOf('"text"'), elementOf('{"id":""}'), huge, alert('a')];
    for (const element of [...elements, ...elements]) await handOver.observe(element, true);
    await handOver.flush();
    expect([...quarantine.kept.values()].map(({ reason }) => reason)).toEqual([
      'not_an_object',
      'no_id',
      'too_large',
    ]);
    expect(sentIds(outbox)).toEqual(['a']);
    expect(handOver.counts).toEqual({ read: 8, fresh: 1, handedOver: 1, quarantined: 3 });
    expect(logs.of('alert_quarantined')).toHaveLength(3);
  });

  it('is no version to the caller', async () => {
    const { handOver } = createHandOver();
    expect(await handOver.observe(elementOf('5'), true)).toBeUndefined();
    expect(await handOver.observe(alert('a'), true)).toMatchObject({ alertId: 'a' });
  });

  it('is an error of the whole answer when it is not even JSON', async () => {
    const { handOver, quarantine } = createHandOver();
    await expect(handOver.observe(elementOf('{"id":'), true)).rejects.toMatchObject({
      code: 'defender_answer_unreadable',
    });
    expect(quarantine.kept.size).toBe(0);
  });
});

describe('what departs from the documented form', () => {
  it('is handed over as it is and told, without its content', async () => {
    const { handOver, outbox, logs } = createHandOver();
    const text = '{"id":"a","lastUpdateTime":"soon","title":["do not log me"],"new":1}';
    await handOver.observe(elementOf(text), true);
    await handOver.flush();
    expect(outbox.sent.map(({ bytes }) => bytes.toString())).toEqual([text]);
    const [line = ''] = logs.of('alert_invalid');
    expect(line).toContain('problems="lastUpdateTime is not a timestamp, title is not text"');
    expect(line).not.toContain('do not log me');
  });

  it('is marked when it was read without evidence', async () => {
    const { handOver, outbox } = createHandOver();
    await handOver.observe(alert('a'), false);
    await handOver.observe(alert('b'), true);
    await handOver.flush();
    const marks = new Map(outbox.sent.map(({ alertId, evidenceOmitted }) => [alertId, evidenceOmitted]));
    expect(marks).toEqual(
      new Map([
        ['a', true],
        ['b', false],
      ]),
    );
  });

  it('is the same version with and without evidence, so it is not handed over twice', async () => {
    const { handOver, create, outbox } = createHandOver();
    await handOver.observe(alert('a'), true);
    await handOver.flush();
    const next = create();
    await next.observe(alert('a'), false);
    await next.flush();
    expect(outbox.sent.map(messageKey)).toHaveLength(1);
  });
});
