import { ticksPerMillisecond } from '../../clock/ticks.ts';
import type { Incident } from './Incident.ts';

/** Both APIs promise the most recent incidents first; taken for those that were created last. */
export function placeOf({ createdTicks }: Incident): number {
  return -Number(createdTicks / ticksPerMillisecond);
}
