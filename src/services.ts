import { AlertDelivery } from './alerts/AlertDelivery.ts';
import { AlertPull } from './alerts/AlertPull.ts';
import { EndpointAlertSource } from './alerts/EndpointAlertSource.ts';
import { PoisonQueue, POISON_QUEUE } from './alerts/PoisonQueue.ts';
import { BlobQuarantine, QUARANTINE_CONTAINER } from './alerts/Quarantine.ts';
import { ALERT_CONTAINER, OUTBOX_QUEUE, QueueOutbox } from './alerts/QueueOutbox.ts';
import { ALERT_TABLE, TableAlertHistory } from './alerts/TableAlertHistory.ts';
import { CHECKPOINT_TABLE, TableCheckpointStore } from './alerts/TableCheckpointStore.ts';
import { LEDGER_TABLE, TableLedger } from './alerts/TableLedger.ts';
import { Webhook } from './alerts/Webhook.ts';
import { DefenderClient } from './defender/DefenderClient.ts';
import { createManagedIdentity, createTokenSource } from './identity/createTokenSource.ts';
import { systemClock as clock } from './runtime/Clock.ts';
import { createLogger } from './runtime/Logger.ts';
import { systemRandom as random } from './runtime/Random.ts';
import { parseSettings, type Settings } from './settings/parseSettings.ts';
import { SettingsError } from './settings/SettingsError.ts';
import { createStorageAccount, type StorageAccount } from './storage/StorageAccount.ts';

/** What the functions call; each room is built when it is first asked for. */
export interface Services {
  readonly settings: Settings;
  readonly alertPull: () => AlertPull;
  readonly alertDelivery: () => AlertDelivery;
}

/**
 * The app's services, once per process: nothing is read or opened while functions register.
 * @throws SettingsError at every call until the settings are right.
 */
export const services = once((): Services => {
  const settings = parseSettings(process.env);
  const storage = createStorageAccount(settings.storage, () =>
    createManagedIdentity(settings.storage.clientId),
  );
  return {
    settings,
    alertPull: once(() => createAlertPull(settings, storage)),
    alertDelivery: once(() => createAlertDelivery(settings, storage)),
  };
});

function createAlertPull({ identity, defender, alerts }: Settings, storage: StorageAccount): AlertPull {
  // Tokens outlive the invocation that first asks for them, so what happens to them is logged to the process.
  const tokens = createTokenSource(identity, clock, createLogger(console));
  const client = new DefenderClient({ ...defender, tokens });
  return new AlertPull({
    tenantId: identity.tenantId,
    source: new EndpointAlertSource(client),
    checkpoints: new TableCheckpointStore(() => storage.table(CHECKPOINT_TABLE)),
    ledger: new TableLedger(() => storage.table(LEDGER_TABLE)),
    outbox: new QueueOutbox({
      queue: () => storage.queue(OUTBOX_QUEUE),
      container: () => storage.container(ALERT_CONTAINER),
      clock,
    }),
    quarantine: new BlobQuarantine(() => storage.container(QUARANTINE_CONTAINER)),
    clock,
    random,
    settings: alerts,
  });
}

/** @throws SettingsError when no webhook is configured: then nothing should ask for a delivery. */
function createAlertDelivery({ alerts }: Settings, storage: StorageAccount): AlertDelivery {
  if (alerts.webhookUrl === undefined) throw new SettingsError(['ALERT_WEBHOOK_URL is missing']);
  return new AlertDelivery({
    history: new TableAlertHistory(() => storage.table(ALERT_TABLE), clock),
    container: () => storage.container(ALERT_CONTAINER),
    webhook: new Webhook({ url: alerts.webhookUrl, clock, random }),
    poison: new PoisonQueue(() => storage.queue(POISON_QUEUE), clock),
    clock,
  });
}

/** Calls `create` at the first call and keeps what it gave; a failure is not kept. */
function once<T extends object>(create: () => T): () => T {
  let instance: T | undefined;
  return () => (instance ??= create());
}
