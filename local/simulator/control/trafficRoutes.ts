import { documentedLimits } from '../defender/CallQuota.ts';
import type { World } from '../World.ts';
import type { ControlRoute } from './ControlRoute.ts';
import { Input } from './Input.ts';

/** How much may be asked, and how much comes by itself. */
export function trafficRoutes({ quota, arrivals }: World): readonly ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/limits',
      summary: 'Show the call limits of Defender.',
      answer: () => quota.limits,
    },
    {
      method: 'POST',
      path: '/limits',
      summary:
        'Set perMinute, perHour or retryAfterAs (seconds, date); absent ones go back to the documented. Counted calls are forgotten.',
      answer: ({ body }) => {
        const input = new Input(body).allow('perMinute', 'perHour', 'retryAfterAs');
        const rule = { least: 0, isWhole: true };
        quota.limits = {
          perMinute: input.findNumber('perMinute', rule) ?? documentedLimits.perMinute,
          perHour: input.findNumber('perHour', rule) ?? documentedLimits.perHour,
          retryAfterAs: input.findOneOf('retryAfterAs', ['seconds', 'date']) ?? documentedLimits.retryAfterAs,
        };
        quota.clear();
        return quota.limits;
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
