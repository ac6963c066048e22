import { AlertDelivery } from '../alerts/AlertDelivery.ts';
import { PoisonQueue, POISON_QUEUE } from '../alerts/PoisonQueue.ts';
import { ALERT_CONTAINER } from '../alerts/QueueOutbox.ts';
import { ALERT_TABLE, TableAlertHistory } from '../alerts/TableAlertHistory.ts';
import { Webhook } from '../alerts/Webhook.ts';
import { systemClock as clock } from '../runtime/Clock.ts';
import { systemRandom as random } from '../runtime/Random.ts';
import type { Settings } from '../settings/parseSettings.ts';
import { SettingsError } from '../settings/SettingsError.ts';
import { storage } from './shared.ts';

/** @throws SettingsError when no webhook is configured: then nothing should ask for a delivery. */
export function createAlertDelivery({ alerts }: Settings): AlertDelivery {
  if (alerts.webhookUrl === undefined) throw new SettingsError(['ALERT_WEBHOOK_URL is missing']);
  return new AlertDelivery({
    history: new TableAlertHistory(() => storage().table(ALERT_TABLE), clock),
    container: () => storage().container(ALERT_CONTAINER),
    webhook: new Webhook({ url: alerts.webhookUrl, clock, random }),
    poison: new PoisonQueue(() => storage().queue(POISON_QUEUE), clock),
    clock,
  });
}
