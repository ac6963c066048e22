import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findTicks,
  nextUpdateTime,
  toTimestamp,
  toUpdateTime,
} from '../../../local/simulator/clock/ticks.ts';

const anyTicks = fc.bigInt({ min: -62_135_596_800n * 10_000_000n, max: 253_402_300_799n * 10_000_000n });

describe('Ticks', () => {
  it('survive being written and read', () => {
    fc.assert(
      fc.property(anyTicks, (ticks) => {
        expect(findTicks(toTimestamp(ticks))).toBe(ticks);
      }),
    );
  });

  it('are written with trailing zeros trimmed', () => {
    expect(toTimestamp(findTicks('2026-01-01T00:00:00.1200000Z') ?? 0n)).toBe('2026-01-01T00:00:00.12Z');
    expect(toTimestamp(findTicks('2026-01-01T00:00:00.000Z') ?? 0n)).toBe('2026-01-01T00:00:00Z');
  });

  it('apply the offset of the zone', () => {
    expect(findTicks('2026-01-01T02:00:00.0000001+02:00')).toBe(findTicks('2026-01-01T00:00:00.0000001Z'));
    expect(findTicks('2025-12-31T19:30:00-04:30')).toBe(findTicks('2026-01-01T00:00:00Z'));
  });

  it.each([
    ['2026-02-30T00:00:00Z'],
    ['2026-01-01'],
    ['2026-01-01T24:00:00Z'],
    ['2026-01-01T00:00:00.12345678Z'],
    [''],
  ])('do not exist for %s', (text) => {
    expect(findTicks(text)).toBeUndefined();
  });
});

describe('Update times', () => {
  it('are the last 1/300 s that is not in the future', () => {
    fc.assert(
      fc.property(
        anyTicks.filter((ticks) => ticks > 0n),
        (ticks) => {
          const rounded = toUpdateTime(ticks);
          expect(rounded <= ticks).toBe(true);
          expect(nextUpdateTime(ticks) > ticks).toBe(true);
          expect(nextUpdateTime(rounded) - rounded).toSatisfy(
            (step: bigint) => step === 33_333n || step === 33_334n,
          );
          expect(toUpdateTime(rounded)).toBe(rounded);
        },
      ),
    );
  });

  it('have the digits that were seen in real alerts', () => {
    const fractions = ['.57', '.0566667', '.7733333', '.3266667', '.2', '.19'];
    for (const fraction of fractions) {
      const ticks = findTicks(`2026-01-01T00:00:00${fraction}Z`) ?? 0n;
      expect(toUpdateTime(ticks)).toBe(ticks);
    }
  });
});
