import { ticksPerSecond } from '../clock/ticks.ts';
import type { SeededRandom } from '../random/SeededRandom.ts';

/** An instant between `fromSeconds` and `toSeconds` before `ticks`. */
export function olderBy(random: SeededRandom, ticks: bigint, fromSeconds: number, toSeconds: number): bigint {
  const span = (toSeconds - fromSeconds) * Number(ticksPerSecond);
  const offset = BigInt(fromSeconds) * ticksPerSecond + BigInt(Math.floor(random.next() * span));
  return withSomePrecision(random, ticks - offset);
}

/** Real times mostly have 7 fractional digits, and now and then fewer. */
function withSomePrecision(random: SeededRandom, ticks: bigint): bigint {
  const digits = random.isChance(0.8) ? 7 : random.integer(0, 6);
  const step = 10n ** BigInt(7 - digits);
  return ticks - (ticks % step);
}
