import { describe, expect, it } from 'vitest';
import { tenantId } from '../support/tenants.ts';
import type { TenantTrouble } from './TenantSource.ts';
import { simulateTenants, type HandOvers, type TenantSimulationOptions } from './TenantSimulation.ts';

/** One seed by hand: `SIMULATION_SEED=17 npx vitest run test/simulation/tenants.test.ts`. */
const seeds = process.env.SIMULATION_SEED
  ? [Number(process.env.SIMULATION_SEED)]
  : Array.from({ length: Number(process.env.SIMULATION_SEEDS ?? 1) }, (_, index) => index + 1);
const troubles: TenantTrouble[] = ['throttled', 'down', 'slow', 'hung', 'noConsent', 'flaky'];
/** What others' calls to storage may add: next to nothing against the five minutes between rounds. */
const TOLERANCE_MS = 2_000;

/** The tenants with these numbers get alerts later than in a world where nobody has trouble; by how much, at most. */
function worstDelayMs(calm: HandOvers, troubled: HandOvers, numbers: readonly number[]): number {
  const delays = numbers.flatMap((number) => {
    const id = tenantId(number);
    const expected = [...(calm.get(id) ?? [])];
    // Of a tenant without alerts nothing could be late.
    if (expected.length === 0) throw new Error(`Tenant ${number} has no alerts.`);
    return expected.map(([key, at]) => (troubled.get(id)?.get(key) ?? Infinity) - at);
  });
  return Math.max(...delays);
}

const rest = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function compare(
  options: Omit<TenantSimulationOptions, 'troubles'>,
  trouble: TenantTrouble,
  count: number,
) {
  const calm = await simulateTenants({ ...options, troubles: new Map() });
  const troubled = await simulateTenants({
    ...options,
    troubles: new Map(rest(1, count).map((number) => [number, trouble])),
  });
  return { calm, troubled };
}

describe.each(troubles)('several tenants, some of them %s', (trouble) => {
  it.each(seeds)('delay no other tenant when the timer pulls, seed %i', async (seed) => {
    // More of them than there are places.
    const { calm, troubled } = await compare({ seed, tenants: 12, places: 2, by: 'timer' }, trouble, 4);
    expect([...calm.values()].reduce((sum, seen) => sum + seen.size, 0)).toBeGreaterThan(100);
    expect(worstDelayMs(calm, troubled, rest(5, 12))).toBeLessThanOrEqual(TOLERANCE_MS);
  });

  it.each(seeds)('delay no other tenant when messages are spread over instances, seed %i', async (seed) => {
    const by = { instances: 2 };
    const { calm, troubled } = await compare({ seed, tenants: 20, places: 4, by }, trouble, 5);
    expect(worstDelayMs(calm, troubled, rest(6, 20))).toBeLessThanOrEqual(TOLERANCE_MS);
  });
});

it('an instance whose messages are mostly for throttled tenants is never full of them', async () => {
  const by = { instances: 1 };
  const { calm, troubled } = await compare({ seed: 1, tenants: 36, places: 8, by }, 'throttled', 30);
  // Calls are tried again after up to ten seconds; longer waits are left to the next round.
  expect(worstDelayMs(calm, troubled, rest(31, 36))).toBeLessThanOrEqual(20_000);
});
