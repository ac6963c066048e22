import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTicks, fromUnixMs, parseTicks, toUnixMs } from '../../src/alerts/ticks.ts';

const LAST_TICK = 3_155_378_975_999_999_999n; // 9999-12-31T23:59:59.9999999Z
const ticks = fc.bigInt({ min: 0n, max: LAST_TICK });

describe('ticks', () => {
  it('survive being formatted and parsed, whatever the instant', () => {
    fc.assert(fc.property(ticks, (instant) => parseTicks(formatTicks(instant)) === instant));
  });

  it('order as their formatted texts do', () => {
    fc.assert(fc.property(ticks, ticks, (a, b) => formatTicks(a) < formatTicks(b) === a < b));
  });

  it('are the same with trailing zeros of the fraction trimmed, as Defender trims them', () => {
    fc.assert(
      fc.property(ticks, (instant) => {
        const trimmed = formatTicks(instant).replace(/\.?0*Z$/, 'Z');
        return parseTicks(trimmed) === instant;
      }),
    );
  });

  it('agree with Date for whole milliseconds', () => {
    const ms = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(ms, (time) => {
        return (
          parseTicks(new Date(time).toISOString()) === fromUnixMs(time) && toUnixMs(fromUnixMs(time)) === time
        );
      }),
    );
  });

  it.each([
    ['2026-11-21T02:30:00Z', '2026-11-21T02:30:00.0000000Z'],
    ['2026-11-21T02:30:08.57Z', '2026-11-21T02:30:08.5700000Z'],
    ['2026-11-21T02:30:57.7220239Z', '2026-11-21T02:30:57.7220239Z'],
    ['2026-11-21T02:30:57.722023999Z', '2026-11-21T02:30:57.7220239Z'],
    ['2026-11-21t02:30:00z', '2026-11-21T02:30:00.0000000Z'],
    ['2026-11-21T02:30:00', '2026-11-21T02:30:00.0000000Z'],
    ['2026-11-21T02:30:00.5+00:00', '2026-11-21T02:30:00.5000000Z'],
    ['2026-11-21T02:30:00+05:30', '2026-11-20T21:00:00.0000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.0000000Z'],
    ['2024-02-29T23:59:59.9999999Z', '2024-02-29T23:59:59.9999999Z'],
  ])('reads %s as %s', (text, expected) => {
    const parsed = parseTicks(text);
    expect(parsed === undefined ? undefined : formatTicks(parsed)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21',
    '2026-11-21T24:00:00Z',
  ])('does not take %j for an instant', (text) => {
    expect(parseTicks(text)).toBeUndefined();
  });
});
