import { ticksPerMillisecond, ticksPerSecond } from '../clock/ticks.ts';
import { SeededRandom } from '../random/SeededRandom.ts';
import { changeAlert } from './changeAlert.ts';
import type { Company } from './Company.ts';
import { createAlert, type Alert } from './createAlert.ts';

/** An alert of the past with the change it went through, or will go through. */
export interface PastAlert {
  readonly alert: Alert;
  readonly change?: { readonly atTicks: bigint; readonly fields: Partial<Alert> };
}

/** What the history is made from. */
export interface HistoryOrder {
  readonly company: Company;
  readonly seed: number;
  readonly count: number;
  /** The end of the history. */
  readonly nowTicks: bigint;
}

const historyTicks = 48n * 3600n * ticksPerSecond;

/**
 * The last `count` alerts of a life that goes on whether or not the simulator runs.
 *
 * Time is divided into slots of 48 h / count; the alert of a slot depends on seed, count and slot only. So a simulator that
 * is started again shows the same alerts as before, older by the pause, and the ones that came meanwhile.
 */
export function createHistory({ company, seed, count, nowTicks }: HistoryOrder): readonly PastAlert[] {
  if (count === 0) return [];
  const slotTicks = historyTicks / BigInt(count);
  const past: PastAlert[] = [];
  for (let slot = nowTicks / slotTicks; past.length < count; slot -= 1n) {
    const random = new SeededRandom(`history ${seed} ${count} ${slot}`);
    const writtenTicks = slot * slotTicks + BigInt(Math.floor(random.next() * Number(slotTicks)));
    if (writtenTicks < nowTicks) past.push(createPastAlert(random, company, writtenTicks));
  }
  return past.reverse();
}

function createPastAlert(random: SeededRandom, company: Company, writtenTicks: bigint): PastAlert {
  const alert = createAlert({ random, company, writtenTicks });
  if (!random.isChance(1 / 3)) return { alert };
  const minutes = 2 + random.exponential(180);
  const atTicks = writtenTicks + BigInt(Math.floor(minutes * 60_000)) * ticksPerMillisecond;
  return {
    alert,
    change: { atTicks, fields: changeAlert(alert, { random, company, writtenTicks: atTicks }) },
  };
}
