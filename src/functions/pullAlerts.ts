import { app, type InvocationContext, type Timer } from '@azure/functions';
import { createLogger } from '../runtime/Logger.ts';
import { services } from '../services.ts';
import { toIntervalMs } from './input/toIntervalMs.ts';

/** The run stops by itself when its budget is over; this ends what hangs, before `functionTimeout` ends the process. */
const GRACE_MS = 60_000;

/** Pulls what is new or changed in Defender. When it runs is a hint only: what it reads follows from the checkpoints. */
export async function pullAlerts(timer: Timer, context: InvocationContext): Promise<void> {
  const { tenantPulls, settings } = services();
  const signal = AbortSignal.timeout(settings.alerts.budgetMs + GRACE_MS);
  const round = { owner: context.invocationId, logger: createLogger(context), signal };
  await tenantPulls().run(toIntervalMs(timer), round);
}

app.timer('pullAlerts', {
  schedule: '%ALERT_PULL_SCHEDULE%',
  // Every restart and scale-out would pull besides the schedule.
  runOnStartup: false,
  handler: pullAlerts,
});
