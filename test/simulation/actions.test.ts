import { describe, expect, it } from 'vitest';
import { simulateActions } from './ActionSimulation.ts';

/** One seed by hand: `SIMULATION_SEED=17 npx vitest run test/simulation`. More of them: `SIMULATION_SEEDS=2000`. */
const seeds = process.env.SIMULATION_SEED
  ? [Number(process.env.SIMULATION_SEED)]
  : Array.from({ length: Number(process.env.SIMULATION_SEEDS ?? 240) }, (_, index) => index + 1);

describe('actions by several processes over a simulated Defender in virtual time', () => {
  it.each(seeds)('end truly, once, and in the order in which they were accepted, seed %i', async (seed) => {
    const { violations } = await simulateActions(seed);
    expect(violations).toEqual([]);
  });
});
