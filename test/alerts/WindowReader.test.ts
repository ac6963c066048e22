import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallPacer } from '../../src/alerts/CallPacer.ts';
import { CallQuota } from '../../src/alerts/CallQuota.ts';
import { HandOver } from '../../src/alerts/HandOver.ts';
import type { Outbox } from '../../src/alerts/Outbox.ts';
import { formatTicks } from '../../src/alerts/ticks.ts';
import { formatWindow, halve, type TimeWindow } from '../../src/alerts/TimeWindow.ts';
import { WindowReader, type WindowOutcome } from '../../src/alerts/WindowReader.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { ORIGIN, ticksOf } from '../support/alerts.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { httpError, storageError } from '../support/errors.ts';
import { MemorySource } from '../support/MemorySource.ts';
import { MemoryLedger, MemoryOutbox, MemoryQuarantine } from '../support/memoryStores.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const NOON = ticksOf('2026-11-21T12:00:00Z');
const HOUR: TimeWindow = { from: NOON, to: ticksOf('2026-11-21T13:00:00Z') };
const TICK: TimeWindow = { from: NOON + 5n, to: NOON + 6n };
const OPTIONS = { evidence: true, tries: 3 };

function createReader({ pageSize = 4, outbox }: { pageSize?: number; outbox?: Outbox } = {}) {
  const clock = new VirtualClock(Date.parse('2026-11-21T14:00:00Z'));
  const source = new MemorySource(clock);
  const inMemory = new MemoryOutbox();
  const { logger } = collectLogs();
  const signal = new AbortController().signal;
  const keepHold = () => Promise.resolve();
  const pacer = new CallPacer({
    quota: new CallQuota({ perMinute: 1_000_000, perHour: 1_000_000 }),
    clock,
    random: () => 0.5,
    logger,
    deadline: clock.now() + 8 * 60_000,
    keepHold,
    signal,
  });
  const handOver = new HandOver({
    origin: ORIGIN,
    ledger: new MemoryLedger(),
    outbox: outbox ?? inMemory,
    quarantine: new MemoryQuarantine(),
    logger,
    horizon: 0n,
    keepHold,
    signal,
  });
  const reader = new WindowReader({ source, pacer, handOver, pageSize });
  const put = (id: string, offset: bigint) => {
    source.put({ id, lastUpdateTime: formatTicks(NOON + offset) });
  };
  const sent = () => inMemory.sent.map(({ alertId }) => alertId).sort();
  /** Reads a window and whatever parts it falls into. */
  const readAll = async (window: TimeWindow): Promise<WindowOutcome['kind'][]> => {
    const outcome = await reader.read(window, OPTIONS);
    if (outcome.kind !== 'full') return [outcome.kind];
    const kinds: WindowOutcome['kind'][] = [];
    for (const part of outcome.parts) kinds.push(...(await readAll(part)));
    return kinds;
  };
  return { reader, source, clock, put, sent, readAll };
}

describe('reading a window', () => {
  it('is complete when its page is not full, and everything on it was handed over', async () => {
    const { reader, put, sent } = createReader();
    for (const [index, id] of ['a', 'b', 'c'].entries()) put(id, BigInt(index));
    expect(await reader.read(HOUR, OPTIONS)).toEqual({ kind: 'complete' });
    expect(sent()).toEqual(['a', 'b', 'c']);
  });

  it('takes what is at its beginning and leaves what is at its end', async () => {
    const { reader, put, sent } = createReader();
    put('before', -1n);
    put('beginning', 0n);
    put('last', HOUR.to - NOON - 1n);
    put('end', HOUR.to - NOON);
    await reader.read(HOUR, OPTIONS);
    expect(sent()).toEqual(['beginning', 'last']);
  });

  it('falls into halves when its page is full, after handing over what was on it', async () => {
    const { reader, put, sent } = createReader();
    for (const [index, id] of ['a', 'b', 'c', 'd', 'e'].entries()) put(id, BigInt(index));
    expect(await reader.read(HOUR, OPTIONS)).toEqual({ kind: 'full', parts: halve(HOUR) });
    expect(sent()).toHaveLength(4);
  });

  it('falls into halves when the service says that there is more, however few came', async () => {
    const { reader, source, put } = createReader();
    put('a', 1n);
    put('b', 2n);
    source.conclude = (_query, end) => ({ ...end, hasMore: true });
    expect(await reader.read(HOUR, OPTIONS)).toMatchObject({ kind: 'full' });
  });

  it('sets the tick apart at once when a full page holds a single instant', async () => {
    const { reader, put } = createReader();
    for (const id of ['a', 'b', 'c', 'd', 'e']) put(id, 5n);
    expect(await reader.read(HOUR, OPTIONS)).toEqual({
      kind: 'full',
      parts: [{ from: HOUR.from, to: TICK.from }, TICK, { from: TICK.to, to: HOUR.to }],
    });
  });

  it('halves a window that the service fills with one instant from outside it', async () => {
    const { reader, source, put } = createReader({ pageSize: 2 });
    for (const id of ['a', 'b']) put(id, -5n);
    // A service that does not keep to the filter.
    const real = source.readPage.bind(source);
    source.readPage = (query, ...rest) =>
      real({ ...query, window: { from: NOON - 9n, to: HOUR.to } }, ...rest);
    expect(await reader.read(HOUR, OPTIONS)).toEqual({ kind: 'full', parts: halve(HOUR) });
  });

  it('reaches every alert exactly once over its parts, whatever the page size and the instants', async () => {
    const instants = fc.array(
      fc.oneof(fc.bigInt({ min: 0n, max: 35_999_999_999n }), fc.constantFrom(7n, 8n, 1_000_000n)),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(instants, fc.integer({ min: 1, max: 12 }), async (offsets, pageSize) => {
        const { put, sent, readAll } = createReader({ pageSize });
        for (const [index, offset] of offsets.entries()) put(`da${index}`, offset);
        const kinds = await readAll(HOUR);
        expect(new Set(kinds)).toEqual(new Set(['complete']));
        expect(sent()).toEqual(offsets.map((_, index) => `da${index}`).sort());
      }),
      { numRuns: 60 },
    );
  });

  it('is partial when the service says that it left something out, and what came is handed over', async () => {
    const { reader, source, put, sent } = createReader();
    put('a', 1n);
    source.conclude = (_query, end) => ({ ...end, isPartial: true });
    expect(await reader.read(HOUR, OPTIONS)).toEqual({ kind: 'partial' });
    expect(sent()).toEqual(['a']);
  });
});

describe('reading a window that fails', () => {
  it('gives the last error after so many tries, and hands nothing of it over', async () => {
    const { reader, source, put, sent } = createReader();
    put('a', 1n);
    put('b', 2n);
    source.onElement = (_query, given) => {
      if (given === 1) throw httpError(500);
    };
    expect(await reader.read(HOUR, OPTIONS)).toMatchObject({ kind: 'failed', error: { serviceStatus: 500 } });
    expect(source.queries).toHaveLength(3);
    expect(sent()).toEqual([]);
  });

  it('leaves nothing behind that would be handed over with the next window', async () => {
    const { reader, source, put, sent } = createReader();
    put('a', 1n);
    put('b', 2n);
    source.onElement = ({ window }, given) => {
      if (window.from === HOUR.from && given === 1) throw httpError(500);
    };
    await reader.read(HOUR, OPTIONS);
    put('next', HOUR.to - NOON);
    await reader.read({ from: HOUR.to, to: HOUR.to + 10n }, OPTIONS);
    expect(sent()).toEqual(['next']);
  });

  it('is complete when a later try succeeds, and hands everything over once', async () => {
    const { reader, source, put, sent } = createReader();
    put('a', 1n);
    put('b', 2n);
    source.onElement = (_query, given) => {
      if (given === 1 && source.queries.length < 3) throw httpError(500);
    };
    expect(await reader.read(HOUR, OPTIONS)).toEqual({ kind: 'complete' });
    expect(sent()).toEqual(['a', 'b']);
  });

  it('does not take what a failed try saw for the content of the page', async () => {
    const { reader, source, put } = createReader({ pageSize: 3 });
    for (const id of ['c', 'b', 'a']) put(id, 5n);
    put('other', 9n);
    // The first try breaks off after `other`; the second finds it gone, and the page full of one instant.
    source.onElement = (_query, given) => {
      if (given !== 1 || source.queries.length !== 1) return;
      put('other', HOUR.to - NOON);
      throw httpError(500);
    };
    expect(await reader.read(HOUR, OPTIONS)).toMatchObject({ kind: 'full', parts: [{}, TICK, {}] });
  });

  it.each([
    ['the outbox fails', storageError()],
    [
      'Entra refuses the credential',
      new CredentialRefused({
        subject: 'x',
        error: 'invalid_client',
        number: undefined,
        correlationId: undefined,
        cause: undefined,
      }),
    ],
    ['the request is wrong', httpError(400)],
  ])('is not blamed on the window when %s', async (_case, error) => {
    const { reader, source, put } = createReader({ outbox: { send: () => Promise.reject(error) } });
    put('a', 1n);
    await expect(reader.read(HOUR, OPTIONS)).rejects.toBe(error);
    expect(source.queries).toHaveLength(1);
  });

  it('stops within a page when the time of the run is over', async () => {
    const { reader, source, clock, put } = createReader();
    put('a', 1n);
    put('b', 2n);
    source.onElement = (_query, given) => {
      if (given === 1) clock.advance(8 * 60_000);
    };
    await expect(reader.read(HOUR, OPTIONS)).rejects.toMatchObject({ name: 'PullPaused', reason: 'time' });
  });

  it('asks without evidence when told to', async () => {
    const { reader, source } = createReader();
    await reader.read(HOUR, { evidence: false, tries: 1 });
    expect(source.queries).toMatchObject([{ evidence: false, window: HOUR, skip: 0 }]);
  });
});

describe('reading a single tick', () => {
  it('is complete after one page when that is not full', async () => {
    const { reader, source, put, sent } = createReader();
    for (const id of ['a', 'b', 'c']) put(id, 5n);
    expect(await reader.read(TICK, OPTIONS)).toEqual({ kind: 'complete' });
    expect(source.queries).toHaveLength(1);
    expect(sent()).toEqual(['a', 'b', 'c']);
  });

  it('goes through its pages until two passes agree', async () => {
    const { reader, source, put, sent } = createReader();
    const ids = Array.from({ length: 10 }, (_, index) => `da${index}`);
    for (const id of ids) put(id, 5n);
    expect(await reader.read(TICK, OPTIONS)).toEqual({ kind: 'complete' });
    expect(sent()).toEqual(ids);
    expect(source.queries.map(({ skip }) => skip)).toEqual([0, 4, 8, 0, 4, 8]);
  });

  it('misses none when alerts leave the tick while it is read and shift the others', async () => {
    const { reader, source, put, sent } = createReader();
    const ids = Array.from({ length: 10 }, (_, index) => `da${index}`);
    for (const id of ids) put(id, 5n);
    const newestFirst = [...ids].reverse();
    source.onCall = () => {
      // After the first page, two alerts of it are updated: the pages behind it now begin two alerts later.
      if (source.queries.length !== 2) return;
      for (const id of newestFirst.slice(0, 2)) put(id, 1_000n);
    };
    expect(await reader.read(TICK, OPTIONS)).toEqual({ kind: 'complete' });
    expect(sent()).toEqual(ids);
  });

  it('hands over what came into the tick between two passes', async () => {
    const { reader, source, put, sent } = createReader();
    for (const id of ['a', 'b', 'c', 'd']) put(id, 5n);
    source.onCall = () => {
      if (source.queries.length === 3) put('late', 5n);
    };
    expect(await reader.read(TICK, OPTIONS)).toEqual({ kind: 'complete' });
    expect(sent()).toContain('late');
  });

  it('fails when no two passes agree, so that the tick is read again later', async () => {
    const { reader, source, put } = createReader();
    for (const id of ['a', 'b', 'c', 'd']) put(id, 5n);
    source.onCall = (query) => {
      if (query?.skip === 0) put(`new-${source.queries.length}`, 5n);
    };
    expect(await reader.read(TICK, OPTIONS)).toMatchObject({
      kind: 'failed',
      error: {
        code: 'defender_answer_unreadable',
        message: expect.stringContaining('alerts of one instant keep changing while they are read') as string,
      },
    });
  });

  it('is partial as soon as one of its pages is', async () => {
    const { reader, source, put, sent } = createReader();
    for (let index = 0; index < 6; index += 1) put(`da${index}`, 5n);
    source.conclude = ({ skip }, end) => ({ ...end, isPartial: skip > 0 });
    expect(await reader.read(TICK, OPTIONS)).toEqual({ kind: 'partial' });
    expect(sent()).toHaveLength(6);
  });

  it('fails when one of its pages does', async () => {
    const { reader, source, put } = createReader();
    for (let index = 0; index < 6; index += 1) put(`da${index}`, 5n);
    source.onCall = (query) => {
      if (query && query.skip > 0) throw httpError(500);
    };
    expect(await reader.read(TICK, OPTIONS)).toMatchObject({ kind: 'failed', error: { serviceStatus: 500 } });
  });

  it('ends also when the service wrongly says for ever that there is more', async () => {
    const { reader, source, put } = createReader();
    put('a', 5n);
    source.conclude = (_query, end) => ({ ...end, hasMore: true });
    expect(await reader.read(TICK, OPTIONS), formatWindow(TICK)).toEqual({ kind: 'complete' });
  });
});
