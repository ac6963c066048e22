import { app, type InvocationContext } from '@azure/functions';
import { createLogger } from '../runtime/Logger.ts';
import { services } from '../services.ts';
import { TENANT_QUEUE } from '../tenants/TenantQueue.ts';

/** The run stops by itself when its budget is over; this ends what hangs, before `functionTimeout` ends the process. */
const GRACE_MS = 60_000;

/** Pulls the one tenant that a message names, where tenants are too many for one run of the timer. */
export async function pullTenant(message: unknown, context: InvocationContext): Promise<void> {
  const { tenantPulls, settings } = services();
  const attempt = Number(context.triggerMetadata?.dequeueCount) || 1;
  const signal = AbortSignal.timeout(settings.alerts.budgetMs + GRACE_MS);
  const round = { owner: context.invocationId, logger: createLogger(context), signal };
  await tenantPulls().runQueued(message, attempt, round);
}

app.storageQueue('pullTenant', {
  queueName: TENANT_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: pullTenant,
});
