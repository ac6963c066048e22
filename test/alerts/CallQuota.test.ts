import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallQuota, shareOf, type CallLimits } from '../../src/alerts/CallQuota.ts';
import { createCheckpoint } from '../../src/alerts/Checkpoint.ts';
import { fromRow, toRow } from '../../src/alerts/checkpointRow.ts';
import { ORIGIN } from '../support/alerts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse('2026-11-21T12:00:00Z');

/** The log as the next process finds it. */
function storeAndRead(calls: readonly number[]): readonly number[] {
  const row = toRow(ORIGIN, { ...createCheckpoint(0n, 0n), calls }, { epoch: 1, owner: undefined, until: 0 });
  return fromRow(ORIGIN, { ...row }).checkpoint.calls;
}

/** The most calls in any interval of this length, its beginning not included. */
function mostWithin(calls: readonly number[], lengthMs: number): number {
  return Math.max(0, ...calls.map((end) => calls.filter((at) => at > end - lengthMs && at <= end).length));
}

describe('the call quota', () => {
  const limits = fc.record({
    perMinute: fc.integer({ min: 1, max: 6 }),
    perHour: fc.integer({ min: 1, max: 40 }),
  });
  const step = fc.record({
    /** What passes before the next attempt; short, about a minute, or about an hour. */
    waitMs: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 70_000 }), fc.nat({ max: HOUR_MS + 10_000 })),
    /** Whether a new process takes the log up. */
    isNewProcess: fc.boolean(),
    /** Whether the caller waits as told before it calls, or gives up when it may not. */
    isPatient: fc.boolean(),
  });

  it('lets no minute and no hour hold more calls than allowed, also when the log is stored and taken up again', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 120 }), (allowed, steps) => {
        let quota = new CallQuota(allowed);
        let now = START;
        const calls: number[] = [];
        for (const { waitMs, isNewProcess, isPatient } of steps) {
          now += waitMs;
          if (isNewProcess) quota = new CallQuota(allowed, storeAndRead(quota.save()));
          const delayMs = quota.delayMs(now);
          if (delayMs > 0 && !isPatient) continue;
          now += delayMs;
          quota.record(now);
          calls.push(now);
        }
        expect(mostWithin(calls, MINUTE_MS)).toBeLessThanOrEqual(allowed.perMinute);
        expect(mostWithin(calls, HOUR_MS)).toBeLessThanOrEqual(allowed.perHour);
      }),
      { numRuns: 300 },
    );
  });

  it('asks to wait exactly until one more call is allowed, and no longer', () => {
    fc.assert(
      fc.property(limits, fc.array(fc.nat({ max: 90_000 }), { maxLength: 60 }), (allowed, waits) => {
        const quota = new CallQuota(allowed);
        let now = START;
        const calls: number[] = [];
        const isAllowed = (at: number) => {
          const all = [...calls, at];
          return (
            mostWithin(all, MINUTE_MS) <= allowed.perMinute && mostWithin(all, HOUR_MS) <= allowed.perHour
          );
        };
        for (const waitMs of waits) {
          now += waitMs;
          const delayMs = quota.delayMs(now);
          expect(isAllowed(now + delayMs)).toBe(true);
          if (delayMs > 0) expect(isAllowed(now + delayMs - 1)).toBe(false);
          now += delayMs;
          quota.record(now);
          calls.push(now);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('uses what it is allowed: so many calls at once, the next one a minute after the first', () => {
    const quota = new CallQuota({ perMinute: 3, perHour: 100 });
    for (let call = 0; call < 3; call += 1) {
      expect(quota.delayMs(START + call)).toBe(0);
      quota.record(START + call);
    }
    expect(quota.delayMs(START + 10)).toBe(MINUTE_MS - 10);
    expect(quota.delayMs(START + MINUTE_MS)).toBe(0);
  });

  it('counts calls that another host logged with a clock that is ahead', () => {
    const quota = new CallQuota({ perMinute: 1, perHour: 10 }, [START + 5_000]);
    expect(quota.delayMs(START)).toBe(MINUTE_MS + 5_000);
  });

  it('gives its log in order, so that it can be stored, also when the clock went back', () => {
    const quota = new CallQuota({ perMinute: 10, perHour: 100 }, [START + 5_000]);
    quota.record(START);
    expect(quota.save()).toEqual([START, START + 5_000]);
  });

  it('says how many calls would be forgotten if the process died now', () => {
    const quota = new CallQuota({ perMinute: 10, perHour: 100 }, [START]);
    expect(quota.unsaved).toBe(0);
    quota.record(START);
    quota.record(START);
    expect(quota.unsaved).toBe(2);
    quota.save();
    expect(quota.unsaved).toBe(0);
  });

  it('does not keep calls that count no more', () => {
    const quota = new CallQuota({ perMinute: 10, perHour: 100 }, [START, START + 1]);
    quota.delayMs(START + HOUR_MS);
    expect(quota.save()).toEqual([START + 1]);
  });
});

describe('the share of the limits', () => {
  const service: CallLimits = { perMinute: 100, perHour: 1500 };

  it.each([
    [60, { perMinute: 60, perHour: 900 }],
    [100, service],
    [1, { perMinute: 1, perHour: 15 }],
    [33, { perMinute: 33, perHour: 495 }],
  ])('of %i percent is %j', (percent, expected) => {
    expect(shareOf(service, percent)).toEqual(expected);
  });

  it('is at least one call, and never more than the percentage where that is at least one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 100 }), (limit, percent) => {
        const { perMinute } = shareOf({ perMinute: limit, perHour: limit }, percent);
        expect(perMinute).toBe(Math.max(1, Math.floor((limit * percent) / 100)));
      }),
    );
  });

  it('does not wait for calls that a host with a wrong clock logged far ahead', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    const ahead = Array.from({ length: 10 }, () => now + 48 * 3_600_000);
    expect(new CallQuota({ perMinute: 1, perHour: 1 }, ahead).delayMs(now)).toBe(0);
  });
});
