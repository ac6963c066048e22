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
import { ActionRunner } from './devices/ActionRunner.ts';
import { DeviceActions } from './devices/DeviceActions.ts';
import { DeviceDirectory } from './devices/DeviceDirectory.ts';
import { MachineActions } from './devices/MachineActions.ts';
import { OperationFollower } from './devices/OperationFollower.ts';
import { Health } from './health/Health.ts';
import { CallerGate } from './http/CallerGate.ts';
import { Hunting } from './hunting/Hunting.ts';
import { createManagedIdentity, createTokenSource } from './identity/createTokenSource.ts';
import { ActionCap } from './operations/ActionCap.ts';
import { DeviceTurns } from './operations/DeviceTurns.ts';
import { GUARD_TABLE, PauseSwitch } from './operations/PauseSwitch.ts';
import { OPERATION_TABLE, TableOperationStore } from './operations/TableOperationStore.ts';
import { systemClock as clock } from './runtime/Clock.ts';
import { createLogger } from './runtime/Logger.ts';
import { systemRandom as random } from './runtime/Random.ts';
import {
  parseFollowSettings,
  parseResponseSettings,
  type ResponseSettings,
} from './settings/parseResponseSettings.ts';
import {
  parseIdentitySettings,
  parseSettings,
  parseStorageSettings,
  type Settings,
} from './settings/parseSettings.ts';
import { SettingsError } from './settings/SettingsError.ts';
import { createStorageAccount } from './storage/StorageAccount.ts';

/** What the functions of the pull call; each room is built when it is first asked for. */
export interface Services {
  readonly settings: Settings;
  readonly alertPull: () => AlertPull;
  readonly alertDelivery: () => AlertDelivery;
}

/** What the functions call that answer callers. */
export interface ResponseServices {
  readonly settings: ResponseSettings;
  readonly gate: () => CallerGate;
  readonly directory: () => DeviceDirectory;
  readonly deviceActions: () => DeviceActions;
  readonly operations: () => TableOperationStore;
  readonly hunting: () => Hunting;
  readonly health: () => Health;
}

/**
 * The services of the pull, once per process: nothing is read or opened while functions register.
 * @throws SettingsError at every call until the settings are right.
 */
export const services = once((): Services => {
  const settings = parseSettings(process.env);
  return {
    settings,
    alertPull: once(() => createAlertPull(settings)),
    alertDelivery: once(() => createAlertDelivery(settings)),
  };
});

/** Likewise for what callers ask for. @throws SettingsError */
export const responseServices = once((): ResponseServices => {
  const settings = parseResponseSettings(process.env);
  const { guards, hunting } = settings;
  const { store, pause, client, actions, runner } = acting();
  const directory = once(() => new DeviceDirectory(client));
  const cap = new ActionCap(() => storage().table(GUARD_TABLE), guards, clock);
  return {
    settings,
    gate: once(() => new CallerGate(settings.callers, clock)),
    directory,
    deviceActions: once(
      () => new DeviceActions({ directory: directory(), actions, store, runner, cap, pause, guards, clock }),
    ),
    operations: () => store,
    hunting: once(() => {
      const { api, url, audience, timeoutMs } = hunting;
      const huntingClient = new DefenderClient({
        url,
        audience,
        tokens: tokens(),
        requestTimeoutMs: timeoutMs,
      });
      return new Hunting({ client: huntingClient, api, timeoutMs, clock });
    }),
    health: once(() => createHealth(settings, store, pause)),
  };
});

/** Sees operations through to their end. @throws SettingsError */
export const operationFollower = once(() => {
  const { store, runner, pollIntervalMs } = acting();
  return new OperationFollower(store, runner, clock, pollIntervalMs);
});

/** What both accepting and following operations stand on. */
const acting = once(() => {
  const { defender, pollIntervalMs } = parseFollowSettings(process.env);
  const store = new TableOperationStore(() => storage().table(OPERATION_TABLE));
  const turns = new DeviceTurns(() => storage().table(OPERATION_TABLE), clock);
  const pause = new PauseSwitch(() => storage().table(GUARD_TABLE));
  const client = new DefenderClient({ ...defender, tokens: tokens() });
  const actions = new MachineActions(client);
  const runner = new ActionRunner({ store, turns, actions, pause, clock, pollIntervalMs });
  return { store, pause, client, actions, runner, pollIntervalMs };
});

const storage = once(() => {
  const settings = parseStorageSettings(process.env);
  return createStorageAccount(settings, () => createManagedIdentity(settings.clientId));
});

// Tokens outlive the invocation that first asks for them, so what happens to them is logged to the process.
const tokens = once(() =>
  createTokenSource(parseIdentitySettings(process.env), clock, createLogger(console)),
);

function createAlertPull({ identity, defender, alerts }: Settings): AlertPull {
  const client = new DefenderClient({ ...defender, tokens: tokens() });
  return new AlertPull({
    tenantId: identity.tenantId,
    source: new EndpointAlertSource(client),
    checkpoints: new TableCheckpointStore(() => storage().table(CHECKPOINT_TABLE)),
    ledger: new TableLedger(() => storage().table(LEDGER_TABLE)),
    outbox: new QueueOutbox({
      queue: () => storage().queue(OUTBOX_QUEUE),
      container: () => storage().container(ALERT_CONTAINER),
      clock,
    }),
    quarantine: new BlobQuarantine(() => storage().container(QUARANTINE_CONTAINER)),
    clock,
    random,
    settings: alerts,
  });
}

/** @throws SettingsError when no webhook is configured: then nothing should ask for a delivery. */
function createAlertDelivery({ alerts }: Settings): AlertDelivery {
  if (alerts.webhookUrl === undefined) throw new SettingsError(['ALERT_WEBHOOK_URL is missing']);
  return new AlertDelivery({
    history: new TableAlertHistory(() => storage().table(ALERT_TABLE), clock),
    container: () => storage().container(ALERT_CONTAINER),
    webhook: new Webhook({ url: alerts.webhookUrl, clock, random }),
    poison: new PoisonQueue(() => storage().queue(POISON_QUEUE), clock),
    clock,
  });
}

function createHealth(
  { identity, defender, maxPullAgeMs }: ResponseSettings,
  operations: TableOperationStore,
  pause: PauseSwitch,
): Health {
  return new Health({
    origin: { tenantId: identity.tenantId, source: 'endpoint' },
    isPulling: Boolean(process.env.ALERT_PULL_SCHEDULE?.trim()),
    maxPullAgeMs,
    audience: defender.audience,
    checkpoints: new TableCheckpointStore(() => storage().table(CHECKPOINT_TABLE)),
    poison: new PoisonQueue(() => storage().queue(POISON_QUEUE), clock),
    tokens: tokens(),
    operations,
    pause,
    clock,
  });
}

/** Calls `create` at the first call and keeps what it gave; a failure is not kept. */
function once<T extends object>(create: () => T): () => T {
  let instance: T | undefined;
  return () => (instance ??= create());
}
