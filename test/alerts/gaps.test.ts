import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gap } from '../../src/alerts/Checkpoint.ts';
import { narrowGap, nextGap, openGap, postponeGap, replaceGap } from '../../src/alerts/gaps.ts';

const NOW = 1_000_000;
const covers = (gaps: readonly Gap[], at: bigint) => gaps.some(({ from, to }) => at >= from && at < to);

describe('gaps', () => {
  it('never forget an instant, however many windows are set aside', () => {
    const windows = fc.array(
      fc.tuple(fc.bigInt({ min: 0n, max: 100_000n }), fc.bigInt({ min: 1n, max: 200n })),
      { minLength: 1, maxLength: 400 },
    );
    fc.assert(
      fc.property(windows, (found) => {
        const gaps = found.reduce<Gap[]>(
          (all, [from, width]) => openGap(all, { from, to: from + width }, NOW),
          [],
        );
        // One table property must hold them all.
        expect(gaps.length).toBeLessThanOrEqual(150);
        for (const [from, width] of found) {
          expect(covers(gaps, from)).toBe(true);
          expect(covers(gaps, from + width - 1n)).toBe(true);
        }
        gaps.slice(1).forEach((gap, index) => {
          expect(gap.from).toBeGreaterThanOrEqual(gaps[index]?.to ?? 0n);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('are tried widest first, and not before they are due', () => {
    const gaps = openGap(openGap([], { from: 0n, to: 10n }, NOW), { from: 100n, to: 150n }, NOW);
    const widest = nextGap(gaps, NOW);
    expect(widest).toMatchObject({ from: 100n, to: 150n });
    const left = widest ? postponeGap(gaps, widest, NOW) : [];
    expect(nextGap(left, NOW)).toMatchObject({ from: 0n, to: 10n });
    expect(nextGap(left, NOW + 60_000)).toMatchObject({ from: 100n, to: 150n });
  });

  it('are tried less and less often, but at least once an hour', () => {
    let gaps = openGap([], { from: 0n, to: 10n }, NOW);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const [gap] = gaps;
      if (!gap) throw new Error('the gap vanished');
      gaps = postponeGap(gaps, gap, NOW);
      waits.push((gaps[0]?.nextTryAt ?? 0) - NOW);
    }
    expect(waits.slice(0, 4)).toEqual([60_000, 120_000, 240_000, 480_000]);
    expect(waits.at(-1)).toBe(3_600_000);
  });

  it('are halved until they are a millisecond wide', () => {
    expect(narrowGap({ from: 0n, to: 10_001n })).toEqual([
      { from: 0n, to: 5_000n },
      { from: 5_000n, to: 10_001n },
    ]);
    expect(narrowGap({ from: 0n, to: 10_000n })).toBeUndefined();
  });

  it('keep their age when parts take their place', () => {
    const [gap] = openGap([], { from: 0n, to: 100n }, NOW);
    if (!gap) throw new Error('the gap vanished');
    const parts = replaceGap([gap], gap, [
      { from: 0n, to: 50n },
      { from: 50n, to: 100n },
    ]);
    expect(parts.map(({ since }) => since)).toEqual([NOW, NOW]);
    expect(replaceGap([gap], gap, [])).toEqual([]);
  });
});
