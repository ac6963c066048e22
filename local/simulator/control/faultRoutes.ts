import { toTimestamp } from '../clock/ticks.ts';
import type { FaultRule } from '../faults/FaultRule.ts';
import type { World } from '../World.ts';
import { NotFoundError, type ControlRoute } from './ControlRoute.ts';
import { Input } from './Input.ts';
import { parseFault } from './parseFault.ts';

/** Making calls fail. */
export function faultRoutes(world: World): readonly ControlRoute[] {
  const { faults } = world;
  return [
    {
      method: 'POST',
      path: '/faults',
      summary: 'Make matching calls fail, slow, truncated or throttled; returns the id of the rule.',
      answer: ({ body }) => describe(faults.add(parseFault(world, new Input(body)))),
    },
    {
      method: 'GET',
      path: '/faults',
      summary: 'List the rules with the number of calls each one matched and changed.',
      answer: () => ({ faults: faults.list().map(describe) }),
    },
    {
      method: 'DELETE',
      path: '/faults/{id}',
      summary: 'Remove one rule.',
      answer: ({ id }) => {
        if (!faults.remove(id)) throw new NotFoundError(`There is no fault rule ${id}.`);
      },
    },
    {
      method: 'DELETE',
      path: '/faults',
      summary: 'Remove all rules.',
      answer: () => {
        faults.clear();
      },
    },
  ];
}

function describe({ match, ...rule }: FaultRule): unknown {
  const { filterOverlaps, ...others } = match;
  const window =
    filterOverlaps === undefined
      ? {}
      : { filterOverlaps: { from: toTimestamp(filterOverlaps.from), to: toTimestamp(filterOverlaps.to) } };
  return { ...rule, match: { ...others, ...window } };
}
