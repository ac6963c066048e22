import { serviceNames } from '../http/Call.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { parseTenantId } from './findEstate.ts';
import { Input } from './Input.ts';

/** The log of received requests. */
export function requestRoutes(world: World): readonly ControlRoute[] {
  const { log } = world;
  return [
    {
      method: 'GET',
      path: '/requests',
      summary: 'List received requests, oldest first; ?service= and ?tenant= narrow. No headers, no bodies.',
      answer: ({ query }) => {
        const input = new Input(Object.fromEntries(query), 'the query').allow('service', 'tenant');
        const name = input.findString('tenant');
        const tenant = name === undefined ? undefined : parseTenantId(world, name);
        return { requests: log.list(input.findOneOf('service', serviceNames), tenant) };
      },
    },
    {
      method: 'DELETE',
      path: '/requests',
      summary: 'Forget the received requests.',
      answer: () => {
        log.clear();
      },
    },
  ];
}
