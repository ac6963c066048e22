import { app, type InvocationContext, type Timer } from '@azure/functions';
import { createLogger } from '../runtime/Logger.ts';
import { credentialWatch } from '../services.ts';

const TIMEOUT_MS = 60_000;

/** Says every day, from 30 days before, that a secret or certificate in the vault expires. */
export async function watchCredentials(_timer: Timer, context: InvocationContext): Promise<void> {
  await credentialWatch().log(createLogger(context), AbortSignal.timeout(TIMEOUT_MS));
}

app.timer('watchCredentials', {
  schedule: '0 0 6 * * *',
  // Every restart and scale-out would say it besides the schedule.
  runOnStartup: false,
  handler: watchCredentials,
});
