import { apiNames } from '../defender/CallQuota.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { Input } from './Input.ts';

/** How much may be asked, and how much comes by itself. */
export function trafficRoutes({ quota, arrivals }: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/limits',
      summary: 'Show the call limits of Defender and Graph, and those of APIs that have their own.',
      answer: () => quota.describe(),
    },
    {
      method: 'POST',
      path: '/limits',
      summary:
        'Set perMinute, perHour or retryAfterAs (seconds, date) of one api, or of all; absent ones go back to the documented. Counted calls are forgotten.',
      answer: ({ body }) => {
        const input = new Input(body).allow('api', 'perMinute', 'perHour', 'retryAfterAs');
        const rule = { least: 0, isWhole: true };
        const perMinute = input.findNumber('perMinute', rule);
        const perHour = input.findNumber('perHour', rule);
        const retryAfterAs = input.findOneOf('retryAfterAs', ['seconds', 'date']);
        const given = {
          ...(perMinute === undefined ? {} : { perMinute }),
          ...(perHour === undefined ? {} : { perHour }),
          ...(retryAfterAs === undefined ? {} : { retryAfterAs }),
        };
        quota.setLimits(given, input.findOneOf('api', apiNames));
        return quota.describe();
      },
    },
    {
      method: 'POST',
      path: '/arrivals',
      summary: 'Let alerts come by themselves every meanSeconds on average, or stop them with off.',
      answer: ({ body }) => {
        const input = new Input(body).allow('meanSeconds', 'off');
        const isOff = input.findBoolean('off') === true;
        const meanSeconds = input.findNumber('meanSeconds', { least: 0.05 });
        if (!isOff && meanSeconds === undefined) throw new RangeError("Give 'meanSeconds', or 'off': true.");
        arrivals.set(isOff ? undefined : meanSeconds);
        return { meanSeconds: arrivals.meanSeconds ?? null };
      },
    },
  ];
}
