import { describe, expect, it } from 'vitest';
import type { AlertVersion } from '../../src/alerts/AlertVersion.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { ledgerGroup } from '../../src/alerts/ledgerKeys.ts';
import { formatTicks, fromUnixMs } from '../../src/alerts/ticks.ts';
import { DefenderPermissionMissing } from '../../src/defender/DefenderPermissionMissing.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { createVersion, ORIGIN, ticksOf } from '../support/alerts.ts';
import { createTestPull, START, type TestPull } from '../support/createTestPull.ts';
import { httpError, storageError } from '../support/errors.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Puts an alert into the service, last updated so long before the start of the test. */
function put({ source }: TestPull, id: string, beforeStartMs: number): void {
  source.put({ id, lastUpdateTime: formatTicks(fromUnixMs(START - beforeStartMs)) });
}

/** Puts so many alerts in, one a minute, the newest a minute before the start. */
function putMany(test: TestPull, count: number): string[] {
  const ids = Array.from({ length: count }, (_, index) => `da${String(index).padStart(3, '0')}`);
  for (const [index, id] of ids.entries()) put(test, id, (index + 1) * MINUTE_MS);
  return ids;
}

const at = (ms: number) => formatTicks(fromUnixMs(ms));
const rowOf = ({ checkpoints }: TestPull) => {
  const stored = checkpoints.rows.get(`${ORIGIN.tenantId}/${ORIGIN.source}`);
  if (!stored) throw new Error('there is no row');
  return stored;
};

const forbidden = () =>
  new DefenderPermissionMissing({
    operation: 'Read alerts',
    permission: permissionTable.pullAlerts,
    claims: undefined,
    wasAsked: true,
    requestId: undefined,
  });

describe('the first run', () => {
  it('reads as far back as the setting says and no further', async () => {
    const test = createTestPull();
    put(test, 'older', 48 * HOUR_MS + SECOND_MS);
    put(test, 'oldest', 48 * HOUR_MS);
    put(test, 'new', SECOND_MS);
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual(['new', 'oldest']);
    expect(formatTicks((await test.checkpoint()).startedFrom)).toBe('2026-11-19T12:00:00.0000000Z');
  });

  it('leaves a watermark at the clock of the service, in whole seconds, and a free lease', async () => {
    const test = createTestPull();
    test.clock.advance(789);
    await test.run();
    const stored = await test.stored();
    // The Date header has whole seconds: what is updated later in this second must not lie behind the watermark.
    expect(formatTicks(stored?.checkpoint.watermark ?? 0n)).toBe('2026-11-21T12:00:00.0000000Z');
    expect(stored?.lease).toMatchObject({ epoch: 1, owner: undefined });
    expect(stored?.checkpoint.lastSuccess).toBe(START + 789);
  });

  it('that may not read creates no checkpoint, so that its beginning is not fixed yet', async () => {
    const test = createTestPull();
    test.source.onCall = () => {
      throw forbidden();
    };
    await expect(test.run()).rejects.toMatchObject({ code: 'defender_permission_missing' });
    expect(test.checkpoints.rows.size).toBe(0);
    expect(test.logs.events()).toEqual(['alert_pull_failed']);
  });

  it.each([
    ['is down', () => httpError(503)],
    ['throttles for long', () => httpError(429, HOUR_MS)],
  ])('creates no checkpoint either while the service %s', async (_case, error) => {
    const test = createTestPull();
    test.source.onCall = () => {
      throw error();
    };
    expect(await test.run()).toBe('paused');
    expect(test.checkpoints.rows.size).toBe(0);
  });
});

describe('every further run', () => {
  it('hands over what is new or changed since, and nothing again', async () => {
    const test = createTestPull();
    put(test, 'a', 5 * MINUTE_MS);
    put(test, 'b', 5 * MINUTE_MS);
    await test.run();
    put(test, 'b', -MINUTE_MS);
    put(test, 'c', -2 * MINUTE_MS);
    test.clock.advance(5 * MINUTE_MS);
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual(['a', 'b', 'b', 'c']);
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START + 5 * MINUTE_MS));
  });

  it('finds what appeared late behind the watermark, within the overlap', async () => {
    const test = createTestPull();
    await test.run();
    put(test, 'late', 14 * MINUTE_MS);
    put(test, 'later', 16 * MINUTE_MS);
    test.clock.advance(MINUTE_MS / 2);
    await test.run();
    expect(test.handedOver()).toEqual(['late']);
  });

  it('reads what is new before it reads again what may be late', async () => {
    const test = createTestPull();
    await test.run();
    for (let index = 0; index < 30; index += 1) put(test, `late${index}`, index * 20 * SECOND_MS);
    put(test, 'new', -MINUTE_MS);
    test.clock.advance(5 * MINUTE_MS);
    // Time for a few calls only: fewer than it takes to read all that came late.
    test.source.onCall = () => {
      test.clock.advance(2 * MINUTE_MS);
    };
    expect(await test.run()).toBe('paused');
    expect(test.handedOver()).toContain('new');
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START + 7 * MINUTE_MS));

    test.source.onCall = () => undefined;
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toHaveLength(31);
  });

  it('reads again no more than what was younger than the overlap when it was last read', async () => {
    const test = createTestPull({ settings: { sweepIntervalMs: DAY_MS } });
    for (let run = 0; run < 6; run += 1) {
      await test.run();
      test.clock.advance(5 * MINUTE_MS);
    }
    expect(formatTicks(test.source.queries.at(-1)?.window.from ?? 0n)).toBe(at(START + 5 * MINUTE_MS));
    expect(formatTicks(test.source.queries.at(-1)?.window.to ?? 0n)).toBe(at(START + 25 * MINUTE_MS));
  });

  it('goes on where it was interrupted in what it reads again', async () => {
    const test = createTestPull();
    await test.run();
    const ids = Array.from({ length: 30 }, (_, index) => `late${String(index).padStart(2, '0')}`);
    for (const [index, id] of ids.entries()) put(test, id, 15 * MINUTE_MS - index * 20 * SECOND_MS);
    test.clock.advance(MINUTE_MS);
    const middle = fromUnixMs(START - 8 * MINUTE_MS);
    test.source.onCall = (query) => {
      if (query && query.window.from >= middle && query.window.from < fromUnixMs(START)) {
        throw httpError(429, 10 * MINUTE_MS);
      }
    };
    expect(await test.run()).toBe('paused');
    const { rereadFrom } = await test.checkpoint();
    expect(rereadFrom).toBeGreaterThan(fromUnixMs(START - 15 * MINUTE_MS));
    expect(rereadFrom).toBeLessThan(fromUnixMs(START));

    test.source.onCall = () => undefined;
    test.clock.advance(10 * MINUTE_MS);
    const pagesBefore = test.source.queries.length;
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual(ids);
    const again = test.source.queries.slice(pagesBefore).filter(({ window }) => window.from < rereadFrom);
    expect(again).toEqual([]);
  });

  it('does not count as read again what it was given only in part, however long that lasts', async () => {
    const test = createTestPull({ settings: { sweepIntervalMs: DAY_MS } });
    await test.run();
    const late = fromUnixMs(START - 10 * MINUTE_MS);
    test.source.conclude = ({ window }, end) => ({
      ...end,
      isPartial: end.count < 10 && window.from <= late && window.to > late,
    });
    const ids: string[] = [];
    for (let hour = 0; hour < 3; hour += 1) {
      // More than a page, so that new and old are read apart.
      for (let index = 0; index < 12; index += 1) {
        ids.push(`da${hour}-${String(index).padStart(2, '0')}`);
        put(test, ids.at(-1) ?? '', -hour * HOUR_MS - (index + 1) * MINUTE_MS);
      }
      test.clock.advance(HOUR_MS);
      expect(await test.run()).toBe('paused');
    }
    // What is new was read all the same.
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START + 3 * HOUR_MS));
    put(test, 'late', 10 * MINUTE_MS);
    test.source.conclude = (_query, end) => end;
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual([...ids, 'late']);
  });

  it('never asks for what lies before the beginning of the first run', async () => {
    const test = createTestPull({ settings: { firstLookbackMs: MINUTE_MS } });
    put(test, 'before', 2 * MINUTE_MS);
    await test.run();
    for (let hour = 0; hour < 3; hour += 1) {
      test.clock.advance(HOUR_MS);
      await test.run();
    }
    expect(test.handedOver()).toEqual([]);
    const oldest = test.source.queries.map(({ window }) => window.from).sort((a, b) => (a < b ? -1 : 1))[0];
    expect(formatTicks(oldest ?? 0n)).toBe(at(START - MINUTE_MS));
  });

  it('makes do without a fault of its own when there is nothing at all', async () => {
    const test = createTestPull();
    await test.run();
    expect(await test.run()).toBe('finished');
    expect(test.logs.events()).toEqual(['alert_pull_finished', 'alert_pull_finished']);
  });
});

describe('a run that may not read', () => {
  it('leaves the checkpoint as it was and free for the next run', async () => {
    const test = createTestPull();
    put(test, 'a', MINUTE_MS);
    await test.run();
    const before = await test.checkpoint();
    test.clock.advance(5 * MINUTE_MS);
    test.source.onCall = () => {
      throw forbidden();
    };
    await expect(test.run()).rejects.toThrow(DefenderPermissionMissing);
    const after = await test.stored();
    expect({ ...after?.checkpoint, calls: [] }).toEqual({ ...before, calls: [] });
    expect(after?.lease.owner).toBeUndefined();

    test.source.onCall = () => undefined;
    expect(await test.run()).toBe('finished');
  });
});

describe('a run that finds the checkpoint held', () => {
  it('is skipped: it asks for nothing and writes nothing', async () => {
    const test = createTestPull();
    await test.run();
    const stored = rowOf(test);
    const held = {
      ...stored.row,
      owner: 'another-run',
      leaseUntil: new Date(START + MINUTE_MS).toISOString(),
    };
    test.checkpoints.rows.set(`${ORIGIN.tenantId}/${ORIGIN.source}`, { row: held, etag: 'held' });
    const callsBefore = test.source.calls;
    expect(await test.run()).toBe('skipped');
    expect(test.source.calls).toBe(callsBefore);
    expect(rowOf(test)).toEqual({ row: held, etag: 'held' });
    const [line = ''] = test.logs.of('alert_pull_skipped');
    expect(line).toContain('holder=another-run');
    expect(line).toContain('until=2026-11-21T12:01:00.000Z');
  });

  it('takes it over, one epoch later, once the lease has run out', async () => {
    const test = createTestPull();
    await test.run();
    const stored = rowOf(test);
    stored.row = { ...stored.row, owner: 'dead-run', leaseUntil: new Date(START + MINUTE_MS).toISOString() };
    put(test, 'a', MINUTE_MS);
    test.clock.advance(MINUTE_MS);
    expect(await test.run()).toBe('finished');
    expect((await test.stored())?.lease).toMatchObject({ epoch: 2, owner: undefined });
    expect(test.handedOver()).toEqual(['a']);
  });

  it('is not waited for when a host with a wrong clock wrote a lease that no run could have asked for', async () => {
    const test = createTestPull();
    await test.run();
    const stored = rowOf(test);
    const leaseUntil = new Date(START + 30 * 24 * 60 * MINUTE_MS).toISOString();
    stored.row = { ...stored.row, owner: 'run-of-the-future', leaseUntil };
    expect(await test.run()).toBe('finished');
  });
});

describe('a run that loses the checkpoint', () => {
  it('stops at once, and what it read is handed over once, by the run that took over', async () => {
    const test = createTestPull();
    put(test, 'a', MINUTE_MS);
    put(test, 'b', 2 * MINUTE_MS);
    let other: string | undefined;
    test.source.onCall = async (query) => {
      if (!query || other !== undefined) return;
      // The first run stands still for longer than its lease.
      other = 'running';
      test.clock.advance(4 * MINUTE_MS);
      other = await test.run();
    };
    expect(await test.run()).toBe('superseded');
    expect(other).toBe('finished');
    expect(test.handedOver()).toEqual(['a', 'b']);
    expect((await test.stored())?.lease.epoch).toBe(2);
    expect(test.logs.events()).toEqual(['alert_pull_finished', 'alert_pull_superseded']);
  });

  it('does not touch the row that another one wrote', async () => {
    const test = createTestPull();
    await test.run();
    test.source.onCall = (query) => {
      if (query) rowOf(test).etag = 'written-by-another';
    };
    test.clock.advance(MINUTE_MS);
    expect(await test.run()).toBe('superseded');
    expect(rowOf(test).etag).toBe('written-by-another');
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START));
  });
});

describe('a checkpoint that cannot be right', () => {
  it('is refused with a watermark in the future, before anything is read', async () => {
    const test = createTestPull();
    await test.run();
    const pagesBefore = test.source.queries.length;
    rowOf(test).row.watermark = at(START + 6 * MINUTE_MS);
    await expect(test.run()).rejects.toThrow(
      "its watermark 2026-11-21T12:06:00.0000000Z is after the service's clock 2026-11-21T12:00:00.0000000Z",
    );
    expect(test.source.queries).toHaveLength(pagesBefore);
    const stored = await test.stored();
    expect(formatTicks(stored?.checkpoint.watermark ?? 0n)).toBe(at(START + 6 * MINUTE_MS));
    expect(stored?.lease.owner).toBeUndefined();
  });

  it('is taken with a watermark that is only as far ahead as clocks of the service may differ', async () => {
    const test = createTestPull();
    await test.run();
    rowOf(test).row.watermark = at(START + 5 * MINUTE_MS);
    put(test, 'a', MINUTE_MS);
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual(['a']);
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START + 5 * MINUTE_MS));
  });

  it.each(['watermark', 'startedFrom', 'gaps', 'calls'] as const)(
    'is refused with an unreadable `%s`, before anything is asked for, and is left as it is',
    async (name) => {
      const test = createTestPull();
      await test.run();
      const stored = rowOf(test);
      stored.row = { ...stored.row, [name]: 'x' };
      const before = { ...stored };
      const callsBefore = test.source.calls;
      await expect(test.run()).rejects.toThrow(CheckpointUntrusted);
      expect(test.source.calls).toBe(callsBefore);
      expect(rowOf(test)).toEqual(before);
      expect(test.logs.of('alert_pull_failed')).toHaveLength(1);
    },
  );
});

describe('a run whose hand-over fails', () => {
  it('leaves the watermark unchanged when the outbox refuses the second batch, and loses and repeats nothing', async () => {
    let refusals = 1;
    const test = createTestPull({
      settings: { pageSize: 1000 },
      outbox: (inner) => ({
        send: (batch: readonly AlertVersion[]) => {
          if (inner.sent.length > 0 && refusals-- > 0) return Promise.reject(storageError());
          return inner.send(batch);
        },
      }),
    });
    await test.run();
    const before = await test.checkpoint();
    const ids = Array.from({ length: 150 }, (_, index) => `da${String(index).padStart(3, '0')}`);
    for (const [index, id] of ids.entries()) put(test, id, -index * SECOND_MS);
    test.clock.advance(5 * MINUTE_MS);
    await expect(test.run()).rejects.toMatchObject({ code: 'storage_error' });
    // Behind the watermark only the overlap is read again: moving it now could lose the last 50 alerts for good.
    expect((await test.checkpoint()).watermark).toEqual(before.watermark);
    expect((await test.stored())?.lease.owner).toBeUndefined();

    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual(ids);
  });
});

describe('a partial answer', () => {
  it('is handed over, and keeps the watermark until the window was read as a whole', async () => {
    const test = createTestPull();
    await test.run();
    put(test, 'a', -MINUTE_MS);
    test.clock.advance(5 * MINUTE_MS);
    test.source.conclude = (_query, end) => ({ ...end, isPartial: true });
    expect(await test.run()).toBe('paused');
    expect(test.logs.of('alert_pull_paused')[0]).toContain('reason=partial');
    expect(test.handedOver()).toEqual(['a']);
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START));
    expect(test.logs.of('alert_window_partial')).toHaveLength(1);

    // Long after the overlap, what was left out is still found.
    test.clock.advance(30 * MINUTE_MS);
    put(test, 'left-out', -2 * MINUTE_MS);
    test.source.conclude = (_query, end) => end;
    expect(await test.run()).toBe('finished');
    expect(test.handedOver()).toEqual(['a', 'left-out']);
    expect(formatTicks((await test.checkpoint()).watermark)).toBe(at(START + 35 * MINUTE_MS));
  });

  it('does not hold up the parts behind it', async () => {
    const test = createTestPull();
    const ids = putMany(test, 40);
    test.source.conclude = ({ window }, end) => ({
      ...end,
      isPartial: window.from < ticksOf('2026-11-20T12:00:00Z') && end.count < 10,
    });
    expect(await test.run()).toBe('paused');
    expect(test.handedOver()).toEqual(ids);
    // But the watermark does not pass the part that stays open.
    expect((await test.checkpoint()).watermark).toBeLessThan(ticksOf('2026-11-20T12:00:00Z'));
  });
});

describe('the time of a run', () => {
  it('ends it by itself, and the next runs go on until everything was handed over once', async () => {
    const test = createTestPull();
    const ids = putMany(test, 200);
    test.source.onCall = () => {
      test.clock.advance(20 * SECOND_MS);
    };
    const outcomes: string[] = [];
    const watermarks: bigint[] = [];
    for (let run = 0; run < 40 && outcomes.at(-1) !== 'finished'; run += 1) {
      const startedAt = test.clock.now();
      outcomes.push(await test.run());
      // A call that was under way at the end of the budget may still come to its end.
      expect(test.clock.now() - startedAt).toBeLessThanOrEqual(9 * MINUTE_MS);
      watermarks.push((await test.checkpoint()).watermark);
      test.clock.advance(MINUTE_MS);
    }
    expect(outcomes.slice(0, -1)).not.toHaveLength(0);
    expect(new Set(outcomes.slice(0, -1))).toEqual(new Set(['paused']));
    expect(outcomes.at(-1)).toBe('finished');
    expect(watermarks).toEqual([...watermarks].sort((a, b) => (a < b ? -1 : 1)));
    expect(test.handedOver()).toEqual(ids);
    expect(test.logs.of('alert_pull_paused')[0]).toContain('reason=time');
  });

  it('is enough for some headway, however few pages it allows and however many the overlap holds', async () => {
    const test = createTestPull();
    const ids = putMany(test, 100);
    // Eight calls a run: fewer than it takes to read the fifteen alerts of the overlap again and go on behind them.
    test.source.onCall = () => {
      test.clock.advance(MINUTE_MS);
    };
    let outcome: string | undefined;
    for (let run = 0; run < 60 && outcome !== 'finished'; run += 1) {
      outcome = await test.run();
      test.clock.advance(SECOND_MS);
    }
    expect(test.handedOver()).toEqual(ids);
    expect(outcome).toBe('finished');
  });

  it('ends it also when it is aborted from outside, and leaves the checkpoint free', async () => {
    const test = createTestPull();
    await test.run();
    const controller = new AbortController();
    test.source.onCall = (query) => {
      if (!query) return;
      controller.abort(new DOMException('Too late.', 'TimeoutError'));
      controller.signal.throwIfAborted();
    };
    await expect(test.run(controller.signal)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await test.stored())?.lease.owner).toBeUndefined();
  });
});

describe('throttling', () => {
  it('beyond the end of the run is remembered, honoured by the next runs, and forgotten afterwards', async () => {
    const test = createTestPull();
    await test.run();
    put(test, 'a', -MINUTE_MS);
    test.clock.advance(5 * MINUTE_MS);
    const throttledAt = test.clock.now();
    test.source.onCall = (query) => {
      if (query) throw httpError(429, 30 * MINUTE_MS);
    };
    expect(await test.run()).toBe('paused');
    expect((await test.checkpoint()).throttledUntil).toBe(throttledAt + 30 * MINUTE_MS);

    test.source.onCall = () => undefined;
    const callsBefore = test.source.calls;
    for (let run = 0; run < 4; run += 1) {
      test.clock.advance(5 * MINUTE_MS);
      expect(await test.run()).toBe('paused');
    }
    expect(test.source.calls).toBe(callsBefore);
    expect((await test.checkpoint()).throttledUntil).toBe(throttledAt + 30 * MINUTE_MS);

    // What is left of the wait now fits into a run.
    test.clock.advance(5 * MINUTE_MS);
    expect(await test.run()).toBe('finished');
    expect(test.clock.now()).toBeGreaterThanOrEqual(throttledAt + 30 * MINUTE_MS);
    expect(test.handedOver()).toEqual(['a']);
    expect((await test.checkpoint()).throttledUntil).toBeUndefined();
  });

  it('for longer than any date can say does not break the checkpoint', async () => {
    const test = createTestPull();
    await test.run();
    test.source.onCall = () => {
      throw httpError(429, 1e20);
    };
    test.clock.advance(MINUTE_MS);
    expect(await test.run()).toBe('paused');
    expect((await test.stored())?.lease.owner).toBeUndefined();
  });

  it('of our own making does not happen: a new process keeps the quota of the one before', async () => {
    const test = createTestPull({ settings: { quotaSharePercent: 2 } });
    // Two calls a minute, and each run makes two.
    const times: number[] = [];
    test.source.onCall = () => {
      times.push(test.clock.now());
    };
    for (let run = 0; run < 5; run += 1) {
      expect(await test.run()).toBe('finished');
      test.clock.advance(10 * SECOND_MS);
    }
    for (const time of times) {
      expect(times.filter((other) => other > time - MINUTE_MS && other <= time).length).toBeLessThanOrEqual(
        2,
      );
    }
    expect(times).toHaveLength(10);
  });

  it('that is noted by a host whose clock is ahead leaves a checkpoint that the next run can read', async () => {
    const test = createTestPull();
    await test.run();
    // The next run is on a host whose clock is three seconds behind.
    test.clock.advance(-3 * SECOND_MS);
    await test.run();
    test.clock.advance(MINUTE_MS);
    expect(await test.run()).toBe('finished');
  });
});

describe('a service that does not answer', () => {
  it('pauses the run, blames no window and keeps the cause for the log', async () => {
    const test = createTestPull();
    await test.run();
    test.clock.advance(MINUTE_MS);
    test.source.onCall = () => {
      throw httpError(503);
    };
    expect(await test.run()).toBe('paused');
    const { gaps, watermark } = await test.checkpoint();
    expect(gaps).toEqual([]);
    expect(formatTicks(watermark)).toBe(at(START));
    const [line = ''] = test.logs.of('alert_pull_paused');
    expect(line).toContain('reason=unavailable');
    expect(line).toContain('code=defender_http_error');
    expect(line).toContain('requestId=request-1');
  });
});

describe('the sweep', () => {
  it('finds within the hour what appeared hours late, and hands it over once', async () => {
    const test = createTestPull();
    await test.run();
    put(test, 'very-late', 10 * HOUR_MS);
    for (let minute = 5; minute < 60; minute += 5) {
      test.clock.advance(5 * MINUTE_MS);
      await test.run();
    }
    expect(test.handedOver()).toEqual([]);
    test.clock.advance(5 * MINUTE_MS);
    await test.run();
    expect(test.handedOver()).toEqual(['very-late']);
    test.clock.advance(HOUR_MS);
    await test.run();
    expect(test.handedOver()).toEqual(['very-late']);
  });

  it('reaches as far back as the setting says', async () => {
    const test = createTestPull();
    await test.run();
    put(test, 'reached', 23 * HOUR_MS);
    put(test, 'beyond', 23 * HOUR_MS + SECOND_MS);
    test.clock.advance(HOUR_MS);
    await test.run();
    expect(test.handedOver()).toEqual(['reached']);
  });

  it('goes on where it was interrupted, in the next run, and only then counts as done', async () => {
    const test = createTestPull();
    await test.run();
    const ids = Array.from({ length: 30 }, (_, index) => `late${String(index).padStart(2, '0')}`);
    for (const [index, id] of ids.entries()) put(test, id, 20 * HOUR_MS - index * 30 * MINUTE_MS);
    test.clock.advance(HOUR_MS);
    // The service throttles once the sweep has come half the way.
    const middle = fromUnixMs(START - 12 * HOUR_MS);
    test.source.onCall = (query) => {
      const isSweep = query && query.window.from >= middle && query.window.to <= fromUnixMs(START);
      if (isSweep) throw httpError(429, 30 * MINUTE_MS);
    };
    expect(await test.run()).toBe('paused');
    const interrupted = await test.checkpoint();
    expect(formatTicks(interrupted.sweptAt)).toBe(at(START));
    expect(interrupted.sweep?.from).toBeGreaterThan(fromUnixMs(START - 23 * HOUR_MS));
    const early = test.handedOver();

    test.source.onCall = () => undefined;
    test.clock.advance(30 * MINUTE_MS);
    const pagesBefore = test.source.queries.length;
    expect(await test.run()).toBe('finished');
    expect(early.length).toBeGreaterThan(0);
    expect(early.length).toBeLessThan(ids.length);
    expect(test.handedOver()).toEqual(ids);
    const { sweep, sweptAt } = await test.checkpoint();
    expect(sweep).toBeUndefined();
    expect(formatTicks(sweptAt)).toBe(at(test.clock.now()));
    // What the interrupted sweep had read is not read again.
    const from = test.source.queries.slice(pagesBefore).map(({ window }) => window.from);
    expect(from.every((ticks) => ticks >= (interrupted.sweep?.from ?? 0n))).toBe(true);
  });
});

describe('the ledger', () => {
  const dayOf = (daysAgo: number, id = 'a') =>
    createVersion({ id, lastUpdateTime: at(START - daysAgo * DAY_MS) });

  it('loses its old days after a sweep and keeps the others, and the group of old versions', async () => {
    const test = createTestPull();
    const horizon = fromUnixMs(START - 30 * DAY_MS);
    // Recorded when each of them was new.
    for (const daysAgo of [2, 29, 31, 90])
      await test.ledger.record(ledgerGroup(dayOf(daysAgo), 0n), [dayOf(daysAgo)]);
    const old = dayOf(200);
    await test.ledger.record(ledgerGroup(old, horizon), [old]);

    await test.run();
    expect(test.ledger.groups.size).toBe(5);
    test.clock.advance(HOUR_MS);
    await test.run();
    expect([...test.ledger.groups.keys()].sort()).toEqual(
      [ledgerGroup(dayOf(2), 0n), ledgerGroup(dayOf(29), 0n), ledgerGroup(old, horizon)].sort(),
    );
  });

  it('knows what a sweep reads again from before its horizon', async () => {
    const test = createTestPull({
      settings: { ledgerRetentionMs: 2 * DAY_MS, sweepLookbackMs: 7 * DAY_MS, firstLookbackMs: 7 * DAY_MS },
    });
    const ids = putMany(test, 8);
    for (let hour = 0; hour < 6 * 24; hour += 1) {
      expect(await test.run()).toBe('finished');
      test.clock.advance(HOUR_MS);
    }
    expect(test.handedOver()).toEqual(ids);
  });

  it('knows a version also when its horizon has passed it between two runs', async () => {
    const test = createTestPull({ settings: { firstLookbackMs: 40 * DAY_MS } });
    // A page full of one instant, which is within the ledger's memory for two more minutes.
    const ids = Array.from({ length: 10 }, (_, index) => `da${index}`);
    for (const id of ids) put(test, id, 30 * DAY_MS - 2 * MINUTE_MS);
    const after = fromUnixMs(START - 30 * DAY_MS + 3 * MINUTE_MS);
    test.source.onCall = (query) => {
      if (query && query.window.to > after && query.skip === 0 && test.handedOver().length === 10) {
        throw httpError(429, 10 * MINUTE_MS);
      }
    };
    expect(await test.run()).toBe('paused');
    expect(test.handedOver()).toEqual(ids);

    test.source.onCall = () => undefined;
    test.clock.advance(10 * MINUTE_MS);
    expect(await test.run()).toBe('finished');
    // The overlap reads them again.
    expect(test.handedOver()).toEqual(ids);
  });
});

describe('the log line of a run', () => {
  it('says what was read, what came of it, and how far the pull is', async () => {
    const test = createTestPull();
    putMany(test, 3);
    await test.run();
    const [line = ''] = test.logs.of('alert_pull_finished');
    expect(line).toBe(
      'info Pull finished. event=alert_pull_finished tenantId=contoso.example source=endpoint ' +
        'window=2026-11-19T12:00:00.0000000Z/2026-11-21T12:00:00.0000000Z read=3 new=3 handedOver=3 quarantined=0 ' +
        'watermark=2026-11-21T12:00:00.0000000Z lagSeconds=0 gaps=0 calls=2 ms=0',
    );
  });
});
