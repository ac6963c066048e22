import { app, type InvocationContext } from '@azure/functions';
import { OUTBOX_QUEUE } from '../alerts/QueueOutbox.ts';
import { createLogger } from '../runtime/Logger.ts';
import { services } from '../services.ts';
import { isWebhookConfigured } from '../settings/parseSettings.ts';

/** Longer than all tries at the webhook together. */
const TIMEOUT_MS = 4 * 60_000;

/** Takes one handed-over alert to the webhook; what it throws makes the queue bring the message again. */
export async function deliverAlerts(message: unknown, context: InvocationContext): Promise<void> {
  const attempt = Number(context.triggerMetadata?.dequeueCount) || 1;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  await services().alertDelivery().deliver(message, attempt, createLogger(context), signal);
}

// Without a webhook the queue is left alone, for a Logic App that reads it itself.
if (isWebhookConfigured(process.env)) {
  app.storageQueue('deliverAlerts', {
    queueName: OUTBOX_QUEUE,
    connection: 'AzureWebJobsStorage',
    handler: deliverAlerts,
  });
}
