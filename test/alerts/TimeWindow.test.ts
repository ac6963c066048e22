import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve, isolateTick, subtract, type TimeWindow } from '../../src/alerts/TimeWindow.ts';

const window = fc
  .tuple(fc.bigInt({ min: 0n, max: 10_000n }), fc.bigInt({ min: 1n, max: 5_000n }))
  .map(([from, width]): TimeWindow => ({ from, to: from + width }));

/** Windows that follow each other without overlap, none of them empty, from the start to the end of `whole`. */
function expectToCover(parts: readonly TimeWindow[], whole: TimeWindow): void {
  let next = whole.from;
  for (const part of parts) {
    expect(part.from).toBe(next);
    expect(part.to).toBeGreaterThan(part.from);
    next = part.to;
  }
  expect(next).toBe(whole.to);
}

describe('time windows', () => {
  it('are covered exactly by their halves', () => {
    fc.assert(
      fc.property(window, (whole) => {
        fc.pre(whole.to - whole.from > 1n);
        expectToCover(halve(whole), whole);
      }),
    );
  });

  it('are covered exactly, down to single ticks, when halving goes on', () => {
    fc.assert(
      fc.property(window, fc.infiniteStream(fc.boolean()), (whole, coins) => {
        const waiting = [whole];
        const leaves: TimeWindow[] = [];
        for (let next = waiting.pop(); next; next = waiting.pop()) {
          const isSplit = next.to - next.from > 1n && coins.next().value === true;
          if (isSplit) waiting.push(...halve(next).toReversed());
          else leaves.push(next);
        }
        expectToCover(leaves, whole);
      }),
    );
  });

  it('are covered exactly when one tick is put into a window of its own', () => {
    fc.assert(
      fc.property(window, fc.double({ min: 0, max: 0.999, noNaN: true }), (whole, place) => {
        const at = whole.from + BigInt(Math.floor(Number(whole.to - whole.from) * place));
        const parts = isolateTick(whole, at);
        expectToCover(parts, whole);
        expect(parts).toContainEqual({ from: at, to: at + 1n });
      }),
    );
  });

  it('hold, without holes, exactly the instants that are in none of the holes', () => {
    fc.assert(
      fc.property(
        window,
        fc.array(window, { maxLength: 6 }),
        fc.bigInt({ min: 0n, max: 16_000n }),
        (whole, holes, at) => {
          const contains = (candidate: TimeWindow) => at >= candidate.from && at < candidate.to;
          const parts = subtract(whole, holes);
          expect(parts.some(contains)).toBe(contains(whole) && !holes.some(contains));
          for (const part of parts) expect(part.to).toBeGreaterThan(part.from);
        },
      ),
    );
  });
});
