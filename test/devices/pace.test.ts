import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDelayMs } from '../../src/devices/pace.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

describe('how long to wait before looking again', () => {
  it.each([
    [0, 10],
    [119, 10],
    [120, 30],
    [15 * 60 - 1, 30],
    [15 * 60, 60],
    [2 * 3_600 - 1, 60],
    [2 * 3_600, 300],
    [3 * 86_400, 300],
  ])('after %i s: %i s with the default', (ageSeconds, delaySeconds) => {
    expect(checkDelayMs(ageSeconds * SECOND_MS, 10 * SECOND_MS)).toBe(delaySeconds * SECOND_MS);
  });

  it('never falls below the setting, grows with age, and stays within five minutes or the setting', () => {
    const poll = fc.integer({ min: SECOND_MS, max: 5 * MINUTE_MS });
    const age = fc.integer({ min: -MINUTE_MS, max: 4 * 24 * 60 * MINUTE_MS });
    fc.assert(
      fc.property(poll, age, age, (pollMs, one, other) => {
        const delayMs = checkDelayMs(Math.max(one, other), pollMs);
        expect(delayMs).toBeGreaterThanOrEqual(checkDelayMs(Math.min(one, other), pollMs));
        expect(delayMs).toBeGreaterThanOrEqual(pollMs);
        expect(delayMs).toBeLessThanOrEqual(5 * MINUTE_MS);
      }),
    );
  });
});
