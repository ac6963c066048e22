import type { ApiCheck } from './ApiCheck.ts';
import type { Finding } from './Finding.ts';

/** Entra and the checks of this app forgive a few minutes; beyond this, it is better to know. */
const MAX_DIFFERENCE_MS = 2 * 60_000;

/** Compares this host's clock with those of the services that answered. */
export function checkClock(checks: readonly Pick<ApiCheck, 'clockAheadMs'>[]): Finding {
  const differences = checks.flatMap(({ clockAheadMs }) => clockAheadMs ?? []);
  if (differences.length === 0) {
    return { step: 'clock', status: 'skipped', text: 'No service told its time.' };
  }
  const worst = differences.reduce((one, other) => (Math.abs(other) > Math.abs(one) ? other : one));
  const seconds = Math.round(Math.abs(worst) / 1000);
  if (Math.abs(worst) <= MAX_DIFFERENCE_MS) {
    return { step: 'clock', status: 'ok', text: `At most ${seconds} s from the clock of the services.` };
  }
  return {
    step: 'clock',
    status: 'warning',
    code: 'clock_differs',
    text: `The clock of this host is ${seconds} s ${worst > 0 ? 'behind' : 'ahead of'} that of the services.`,
    advice: 'Correct it: tokens are only valid between two instants.',
  };
}
