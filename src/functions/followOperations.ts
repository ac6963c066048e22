import { app, type InvocationContext, type Timer } from '@azure/functions';
import { createLogger } from '../runtime/Logger.ts';
import { operationFollower } from '../services.ts';

/** Before the next run begins. */
const TIMEOUT_MS = 4 * 60_000;

/** Sees every open operation through, also when nobody asks and after a crash. */
export async function followOperations(_timer: Timer, context: InvocationContext): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  await operationFollower().followAll(createLogger(context), signal);
}

app.timer('followOperations', {
  schedule: '0 * * * * *',
  // Every restart and scale-out would run it besides the schedule.
  runOnStartup: false,
  handler: followOperations,
});
