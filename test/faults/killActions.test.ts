import { describe, expect, it } from 'vitest';
import { operationTag, type Operation } from '../../src/operations/Operation.ts';
import { ActionWorld } from '../support/ActionWorld.ts';
import { orderOf, type TestActions } from '../support/createTestActions.ts';
import type { ModelPlan } from '../support/DefenderModel.ts';
import { Killed } from '../support/killable.ts';

const SECOND_MS = 1_000;
/** As late as a list may show an action. */
const HIDDEN_MS = 3 * SECOND_MS;

/** What one process does until it is killed, and what a caller who got no answer repeats. */
interface Scenario {
  readonly name: string;
  readonly actions: readonly ('isolate' | 'release')[];
  readonly pauseMs: number;
  readonly plan: Partial<ModelPlan>;
}

const scenarios: readonly Scenario[] = [
  { name: 'an isolation', actions: ['isolate'], pauseMs: 0, plan: {} },
  {
    name: 'a release while the isolation can be cancelled',
    actions: ['isolate', 'release'],
    pauseMs: 0,
    plan: { pendingMs: 3_600 * SECOND_MS },
  },
  {
    name: 'a release while the isolation is in progress',
    actions: ['isolate', 'release'],
    pauseMs: 5 * SECOND_MS,
    plan: { pendingMs: SECOND_MS, runMs: 90 * SECOND_MS },
  },
  {
    name: 'a release after the isolation',
    actions: ['isolate', 'release'],
    pauseMs: 60 * SECOND_MS,
    plan: {},
  },
];

type Recovery = 'the caller repeats its requests' | 'nobody asks again';

/** @returns the steps that the first process took, and the world at the end. */
async function play(scenario: Scenario, dieAt: number, recovery: Recovery) {
  const world = new ActionWorld();
  world.defender.plan = ({ kind }) => ({
    ...(kind === 'isolate' ? scenario.plan : {}),
    hiddenMs: HIDDEN_MS,
  });
  let steps = 0;
  const step = async () => {
    steps += 1;
    if (steps >= dieAt) throw new Killed();
    // Every call takes time, so that what happens before it and after it is not the same instant.
    await world.clock.sleep(20);
    return undefined;
  };
  const first = world.start({
    tableWay: { there: step, back: step },
    defenderWay: { there: step, back: step },
  });
  const work = async (process: TestActions) => {
    for (const action of scenario.actions) {
      await process.request(orderOf({ action }), action);
      await world.clock.sleep(scenario.pauseMs);
    }
    await world.clock.sleep(60 * SECOND_MS);
    await process.followAll();
  };
  // Whatever a dead process still tries comes to nothing.
  await world.run(work(first).catch(() => undefined));

  const second = world.start();
  if (recovery === 'the caller repeats its requests') await world.run(work(second));
  await world.follow(second, 90);
  return { steps, world };
}

function check(world: ActionWorld, scenario: Scenario, recovery: Recovery): void {
  const operations = world.stored();
  const actionsOf = ({ id }: Operation) =>
    world.defender.actions.filter(({ requestorComment }) => requestorComment.startsWith(operationTag(id)));
  if (recovery === 'the caller repeats its requests') {
    expect(operations.map(({ request }) => request.action)).toEqual(scenario.actions);
  }
  // No action without a row, and never two for one request.
  expect(operations.flatMap(actionsOf)).toHaveLength(world.defender.actions.length);
  for (const operation of operations) {
    const [action, ...more] = actionsOf(operation);
    expect(more).toEqual([]);
    if (!action) {
      // The release came first, and the isolation must not undo it.
      expect(operation).toMatchObject({ status: 'Canceled', error: { code: 'operation_superseded' } });
      continue;
    }
    // The true end, and no other.
    expect(operation.machineAction).toMatchObject({ id: action.id, status: action.status });
    expect(operation.status).toBe(action.status === 'Cancelled' ? 'Canceled' : 'Succeeded');
  }
  expect(world.openPointers()).toBe(0);
  const last = operations.at(-1);
  expect(world.isIsolated()).toBe(last?.request.action === 'isolate');
}

describe.each(scenarios)('$name', (scenario) => {
  it.each<Recovery>(['the caller repeats its requests', 'nobody asks again'])(
    'in a process that is killed at any step ends truly and once when %s',
    async (recovery) => {
      const whole = await play(scenario, Infinity, recovery);
      check(whole.world, scenario, recovery);
      // Enough to have met every kind of step.
      expect(whole.steps).toBeGreaterThan(40);
      for (let dieAt = 1; dieAt <= whole.steps; dieAt += 1) {
        const { world } = await play(scenario, dieAt, recovery);
        try {
          check(world, scenario, recovery);
        } catch (error) {
          throw new Error(`killed at step ${dieAt} of ${whole.steps}`, { cause: error });
        }
      }
    },
    60_000,
  );
});
