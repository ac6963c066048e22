import { serviceNames } from '../http/Call.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { Input } from './Input.ts';

/** The log of received requests. */
export function requestRoutes({ log }: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/requests',
      summary: 'List received requests, oldest first; ?service= narrows. No headers, no bodies.',
      answer: ({ query }) => {
        const input = new Input(Object.fromEntries(query), 'the query').allow('service');
        return { requests: log.list(input.findOneOf('service', serviceNames)) };
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
