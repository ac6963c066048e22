import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseRetryAfterMs } from '../../src/defender/retryAfter.ts';

const NOW = 'Sat, 21 Nov 2026 12:00:00 GMT';
const parse = (retryAfter: string, date?: string) =>
  parseRetryAfterMs(new Headers({ 'retry-after': retryAfter, ...(date ? { date } : {}) }));

describe('Retry-After', () => {
  it('in seconds is read as milliseconds, whether or not the service says what time it is', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), fc.constantFrom(undefined, NOW, 'x'), (seconds, date) => {
        expect(parse(String(seconds), date)).toBe(seconds * 1000);
      }),
    );
  });

  it.each([
    ['0', 0],
    ['1.5', 1500],
    ['0.0001', 1],
    [' 30 ', 30_000],
  ])('of %j is %i ms', (value, expected) => {
    expect(parse(value, NOW)).toBe(expected);
  });

  it.each([
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 13:00:00 GMT', 3_600_000],
    // The two old forms that RFC 9110 obliges to read.
    ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['Sat Nov 21 12:00:30 2026', 30_000],
  ])('of %s is the distance from the time of the service itself', (value, expected) => {
    expect(parse(value, NOW)).toBe(expected);
  });

  it('as a date is in UTC also on a host that is elsewhere', () => {
    vi.stubEnv('TZ', 'America/New_York');
    expect(new Date(0).getTimezoneOffset()).toBe(300);
    expect(parse('Sat Nov 21 12:00:30 2026', NOW)).toBe(30_000);
    expect(parse('Sat, 21 Nov 2026 12:00:30 GMT', NOW)).toBe(30_000);
    vi.unstubAllEnvs();
  });

  it('of a moment that has passed is no wait', () => {
    expect(parse('Sat, 21 Nov 2026 11:59:00 GMT', NOW)).toBe(0);
  });

  it('as a date says nothing when the service does not say what time it is', () => {
    expect(parse('Sat, 21 Nov 2026 12:00:30 GMT')).toBeUndefined();
    expect(parse('Sat, 21 Nov 2026 12:00:30 GMT', 'not a date')).toBeUndefined();
  });

  it.each(['', '   ', 'soon', 'NaN', 'Infinity', '1e3', '0x10', '12:00', 'P1D'])(
    'of %j says nothing',
    (value) => {
      expect(parse(value, NOW)).toBeUndefined();
    },
  );

  it.each(['-5', '-0', '1,5', '30s', '5 minutes', 'in 30 seconds', 'retry 1'])(
    'of %j says nothing, although JavaScript takes it for a date',
    (value) => {
      // Read as a date it lies in the past: no wait at all, where the service asked for one.
      expect(parse(value, NOW)).toBeUndefined();
    },
  );

  it('that is absent says nothing', () => {
    expect(parseRetryAfterMs(new Headers({ date: NOW }))).toBeUndefined();
  });
});
