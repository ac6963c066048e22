import { describe, expect, it } from 'vitest';
import { formatTicks, fromUnixMs, TICKS_PER_MS } from '../../src/alerts/ticks.ts';
import { createTestPull, START, type TestPull } from '../support/createTestPull.ts';
import { httpError } from '../support/errors.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const put = ({ source }: TestPull, id: string, beforeStartMs: number) => {
  source.put({ id, lastUpdateTime: formatTicks(fromUnixMs(START - beforeStartMs)) });
};

/** Runs, ten minutes apart, until there is no gap left. */
async function runUntilClosed(test: TestPull): Promise<void> {
  for (let run = 0; run < 40; run += 1) {
    expect(await test.run()).toBe('finished');
    if ((await test.checkpoint()).gaps.length === 0) return;
    test.clock.advance(10 * MINUTE_MS);
  }
  throw new Error('a gap stays open');
}

describe('a page that always fails', () => {
  /** Around `bad`, every page with evidence ends in a server error. */
  function createPoisonedPull(): { test: TestPull; ids: string[] } {
    const test = createTestPull();
    const ids = Array.from({ length: 20 }, (_, index) => `da${String(index).padStart(2, '0')}`);
    for (const [index, id] of ids.entries()) put(test, id, (index + 1) * HOUR_MS);
    put(test, 'bad', 10.5 * HOUR_MS);
    return { test, ids: ['bad', ...ids] };
  }

  it('does not stop the pull: all others are handed over and the watermark moves on', async () => {
    const { test, ids } = createPoisonedPull();
    test.source.onElement = (_query, _given, { id }) => {
      if (id === 'bad') throw httpError(500);
    };
    expect(await test.run()).toBe('finished');
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(formatTicks(fromUnixMs(START)));
    for (let run = 0; run < 10; run += 1) {
      test.clock.advance(10 * MINUTE_MS);
      await test.run();
    }
    expect(test.handedOver()).toEqual(ids.slice(1));
    const [gap, ...more] = (await test.checkpoint()).gaps;
    expect(more).toEqual([]);
    expect((gap?.to ?? 0n) - (gap?.from ?? 0n)).toBeLessThanOrEqual(TICKS_PER_MS);
    // As old as the first failure, so that its age can be alarmed on.
    expect((gap?.since ?? 0) - START).toBeLessThan(MINUTE_MS);
    expect(test.logs.of('alert_gap_stuck')[0]).toMatch(/^error .*since=2026-11-21T12:00:0/);
  });

  it('is read without evidence at last, when only the evidence makes it fail', async () => {
    const { test, ids } = createPoisonedPull();
    test.source.onElement = ({ evidence }, _given, { id }) => {
      if (evidence && id === 'bad') throw httpError(500);
    };
    await runUntilClosed(test);
    expect(test.handedOver()).toEqual(ids);
    const omitted = test.outbox.sent.filter(({ evidenceOmitted }) => evidenceOmitted);
    expect(omitted.map(({ alertId }) => alertId)).toEqual(['bad']);
    expect(test.logs.of('alert_without_evidence')).toHaveLength(1);
  });

  it('is read with its evidence when it works again, however much later', async () => {
    const { test, ids } = createPoisonedPull();
    test.source.onElement = (_query, _given, { id }) => {
      if (id === 'bad') throw httpError(500);
    };
    for (let run = 0; run < 100; run += 1) {
      await test.run();
      test.clock.advance(HOUR_MS);
    }
    test.source.onElement = () => undefined;
    await runUntilClosed(test);
    expect(test.handedOver()).toEqual(ids);
    expect(test.outbox.sent.at(-1)).toMatchObject({ alertId: 'bad', evidenceOmitted: false });
    expect(test.logs.of('alert_gap_closed')).not.toHaveLength(0);
  });

  it('is left alone until it is due, also where everything around it is read again', async () => {
    const test = createTestPull({ settings: { overlapMs: 24 * HOUR_MS } });
    put(test, 'bad', HOUR_MS);
    put(test, 'good', HOUR_MS + 60_000);
    test.source.onElement = (_query, _given, { id }) => {
      if (id === 'bad') throw httpError(500);
    };
    while (test.logs.of('alert_gap_stuck').length < 3) {
      await test.run();
      test.clock.advance(MINUTE_MS);
    }
    const [gap] = (await test.checkpoint()).gaps;
    if (!gap) throw new Error('the gap vanished');
    expect(gap.nextTryAt).toBeGreaterThan(test.clock.now());
    const pagesBefore = test.source.queries.length;
    expect(await test.run()).toBe('finished');
    const windows = test.source.queries.slice(pagesBefore).map(({ window }) => window);
    expect(windows.length).toBeGreaterThan(0);
    expect(windows.filter(({ from, to }) => from < gap.to && to > gap.from)).toEqual([]);
  });

  it('is tried less and less often while it stays', async () => {
    const { test } = createPoisonedPull();
    test.source.onElement = (_query, _given, { id }) => {
      if (id === 'bad') throw httpError(500);
    };
    for (let minute = 0; minute < 24 * 60; minute += 5) {
      await test.run();
      test.clock.advance(5 * MINUTE_MS);
    }
    // Once an hour at last.
    const stuck = test.logs.of('alert_gap_stuck').length;
    expect(stuck).toBeGreaterThan(20);
    expect(stuck).toBeLessThan(36);
  });
});

describe('a window that failed and holds more than a page', () => {
  it('is read as a whole once the service recovers', async () => {
    const test = createTestPull();
    await test.run();
    const ids = Array.from({ length: 55 }, (_, index) => `da${String(index).padStart(2, '0')}`);
    for (const [index, id] of ids.entries()) put(test, id, -index * 5_000);
    test.clock.advance(5 * MINUTE_MS);
    test.source.onCall = (query) => {
      if (query) throw httpError(500);
    };
    expect(await test.run()).toBe('finished');
    expect((await test.checkpoint()).gaps.length).toBeGreaterThan(0);
    expect(test.handedOver()).toEqual([]);

    test.source.onCall = () => undefined;
    test.clock.advance(5 * MINUTE_MS);
    await runUntilClosed(test);
    expect(test.handedOver()).toEqual(ids);
  });
});

describe('a gap whose window answers in part', () => {
  it('stays open, what came is handed over, and it is tried again later', async () => {
    const test = createTestPull();
    await test.run();
    put(test, 'a', -MINUTE_MS);
    put(test, 'left-out', -2 * MINUTE_MS);
    test.clock.advance(5 * MINUTE_MS);
    test.source.onCall = (query) => {
      if (query) throw httpError(500);
    };
    await test.run();
    const { gaps } = await test.checkpoint();

    test.source.onCall = () => undefined;
    test.source.conclude = (_query, end) => ({ ...end, isPartial: true });
    test.clock.advance(MINUTE_MS);
    await test.run();
    expect((await test.checkpoint()).gaps).toHaveLength(gaps.length);
    test.source.conclude = (_query, end) => end;
    await runUntilClosed(test);
    expect(test.handedOver()).toEqual(['a', 'left-out']);
  });
});

describe('a service that stops to answer while gaps are read', () => {
  /** A pull with a gap, and a service that answers up to the new window and then nothing more. */
  async function createPullWithGap(): Promise<TestPull> {
    const test = createTestPull();
    await test.run();
    put(test, 'a', -MINUTE_MS);
    test.clock.advance(5 * MINUTE_MS);
    test.source.onCall = (query) => {
      if (query) throw httpError(500);
    };
    await test.run();
    expect((await test.checkpoint()).gaps.length).toBeGreaterThan(0);
    return test;
  }

  it('pauses the run and does not take the gap to pieces', async () => {
    const test = await createPullWithGap();
    const before = (await test.checkpoint()).gaps.length;
    test.clock.advance(MINUTE_MS);
    const callsBefore = test.source.calls;
    test.source.onCall = () => {
      if (test.source.calls > callsBefore + 3) throw httpError(503);
    };
    expect(await test.run()).toBe('paused');
    expect(test.logs.of('alert_pull_paused').at(-1)).toContain('reason=unavailable');
    expect((await test.checkpoint()).gaps.length).toBeLessThanOrEqual(before + 3);
    expect(test.logs.of('alert_gap_stuck')).toEqual([]);
  });

  it('does not have the smallest gap called stuck', async () => {
    const test = createTestPull();
    put(test, 'bad', HOUR_MS);
    test.source.onElement = (_query, _given, { id }) => {
      if (id === 'bad') throw httpError(500);
    };
    while (test.logs.of('alert_gap_stuck').length === 0) {
      await test.run();
      test.clock.advance(MINUTE_MS);
    }
    const [gap] = (await test.checkpoint()).gaps;
    if (!gap) throw new Error('the gap vanished');
    test.clock.advance(2 * HOUR_MS);
    let isDown = false;
    test.source.onCall = (query) => {
      // It goes down with the first try at the gap.
      isDown ||= query?.window.from === gap.from;
      if (isDown) throw httpError(503);
    };
    expect(await test.run()).toBe('paused');
    expect(test.logs.of('alert_gap_stuck')).toHaveLength(1);
    expect((await test.checkpoint()).gaps).toMatchObject([{ attempts: gap.attempts }]);
  });
});

describe('a service that fails altogether in the middle of a run', () => {
  it('pauses the run where it stands, without setting a window aside', async () => {
    const test = createTestPull();
    const ids = Array.from({ length: 40 }, (_, index) => `da${String(index).padStart(2, '0')}`);
    for (const [index, id] of ids.entries()) put(test, id, (index + 1) * HOUR_MS);
    test.source.onCall = () => {
      if (test.source.calls > 6) throw httpError(503);
    };
    expect(await test.run()).toBe('paused');
    expect((await test.checkpoint()).gaps).toEqual([]);
    expect(test.logs.of('alert_pull_paused')[0]).toContain('reason=unavailable');

    test.source.onCall = () => undefined;
    await runUntilClosed(test);
    expect(test.handedOver()).toEqual(ids);
  });
});
