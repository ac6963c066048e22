import { describe, expect, it } from 'vitest';
import { simulate } from './Simulation.ts';

/** One seed by hand: `SIMULATION_SEED=17 npx vitest run test/simulation`. More of them: `SIMULATION_SEEDS=2000`. */
const seeds = process.env.SIMULATION_SEED
  ? [Number(process.env.SIMULATION_SEED)]
  : Array.from({ length: Number(process.env.SIMULATION_SEEDS ?? 240) }, (_, index) => index + 1);

const BATCH = 100;

describe('the pull over a simulated tenant in virtual time', () => {
  it.each(seeds)('loses nothing, repeats nothing and keeps its quota, seed %i', async (seed) => {
    const crashes = seed % 2 === 0;
    const result = await simulate(seed, { crashes });

    expect(result.missing).toEqual([]);
    expect(result.passed).toEqual([]);
    expect(result.openGaps).toBe(0);
    expect(result.quota.minute).toBeLessThanOrEqual(result.quota.perMinute);
    // Without an interruption not a single version twice; each interruption may repeat the batch under way.
    expect(result.repeats).toBeLessThanOrEqual(result.interruptions * BATCH);
    // A process that dies forgets the last calls it made; ten at most.
    expect(result.quota.hour).toBeLessThanOrEqual(result.quota.perHour + result.interruptions * 10);
  });
});
