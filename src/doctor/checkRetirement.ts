import { huntingApis } from '../hunting/huntingApis.ts';
import type { DoctorSettings } from './parseDoctorSettings.ts';
import type { Finding } from './Finding.ts';

/** Warns of an API in use whose end is announced. */
export function checkRetirement({ huntingApi, features }: DoctorSettings): Finding {
  const about = { step: 'retirement', about: 'HUNTING_API' } as const;
  const stopsOn = huntingApi && huntingApis[huntingApi].stopsOn;
  const isHunting = [...features].some((feature) => feature.startsWith('hunt'));
  if (stopsOn === undefined || !isHunting) {
    return { step: 'retirement', status: 'ok', text: 'No API in use has an announced end.' };
  }
  return {
    ...about,
    status: 'warning',
    code: 'hunting_api_retiring',
    text: `HUNTING_API=${huntingApi ?? ''} names an API that stops on ${stopsOn}.`,
    advice: 'Set HUNTING_API=graph and grant ThreatHunting.Read.All of Microsoft Graph before.',
  };
}
