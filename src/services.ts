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
import type { DefenderAccess } from './defender/DefenderAccess.ts';
import { ActionRunner } from './devices/ActionRunner.ts';
import { DeviceActions } from './devices/DeviceActions.ts';
import { OperationFollower } from './devices/OperationFollower.ts';
import { Doctor } from './doctor/Doctor.ts';
import { parseDoctorSettings, type DoctorSettings } from './doctor/parseDoctorSettings.ts';
import { Health } from './health/Health.ts';
import { CallerGate } from './http/CallerGate.ts';
import { Hunting } from './hunting/Hunting.ts';
import { createApplicationCredential } from './identity/createApplicationCredential.ts';
import { createCredentialWatch } from './identity/CredentialWatch.ts';
import { createManagedIdentity } from './identity/createManagedIdentity.ts';
import { createOnBehalfOf } from './identity/createOnBehalfOf.ts';
import { ActionCap } from './operations/ActionCap.ts';
import { DeviceTurns } from './operations/DeviceTurns.ts';
import { GUARD_TABLE, PauseSwitch } from './operations/PauseSwitch.ts';
import { OPERATION_TABLE, TableOperationStore } from './operations/TableOperationStore.ts';
import { systemClock as clock } from './runtime/Clock.ts';
import { createLogger } from './runtime/Logger.ts';
import { systemRandom as random } from './runtime/Random.ts';
import {
  parseCredentialSettings,
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
import { Consents } from './tenants/Consents.ts';
import { asApplication, createOpenAsApplication } from './tenants/createOpenAsApplication.ts';
import { TENANT_TABLE, TableTenantDirectory } from './tenants/TableTenantDirectory.ts';
import { TenantAccess } from './tenants/TenantAccess.ts';
import { TenantPulls } from './tenants/TenantPulls.ts';
import { TENANT_QUEUE, TenantQueue } from './tenants/TenantQueue.ts';
import { createTurns } from './tenants/Turns.ts';

/** What the functions of the pull call; each room is built when it is first asked for. */
export interface Services {
  readonly settings: Settings;
  readonly tenantPulls: () => TenantPulls;
  readonly alertDelivery: () => AlertDelivery;
}

/** What the functions call that answer callers. */
export interface ResponseServices {
  readonly settings: ResponseSettings;
  readonly gate: () => CallerGate;
  readonly tenantAccess: () => TenantAccess;
  readonly deviceActions: () => DeviceActions;
  readonly operations: () => TableOperationStore;
  readonly hunting: (access: DefenderAccess) => Hunting;
  readonly consents: () => Consents;
  readonly doctor: () => Doctor;
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
    tenantPulls: once(() => createTenantPulls(settings)),
    alertDelivery: once(() => createAlertDelivery(settings)),
  };
});

/** Likewise for what callers ask for. @throws SettingsError */
export const responseServices = once((): ResponseServices => {
  const settings = parseResponseSettings(process.env);
  const { guards, hunting, callers, defender, onBehalfOf, identity } = settings;
  const { store, pause, runner } = acting();
  const cap = new ActionCap(() => storage().table(GUARD_TABLE), guards, clock);
  // Undefined where people are refused.
  const exchange = once(() => ({
    onBehalfOf: onBehalfOf && createOnBehalfOf(identity, onBehalfOf, clock, processLogger),
  }));
  return {
    settings,
    gate: once(() => new CallerGate(callers, clock)),
    tenantAccess: once(
      () =>
        new TenantAccess({
          tenants: tenants(),
          application: credential(),
          ...exchange(),
          defender,
          limits: callers,
        }),
    ),
    deviceActions: once(() => new DeviceActions({ store, runner, cap, pause, guards, clock })),
    operations: () => store,
    hunting: (access) => new Hunting({ ...hunting, client: access.client(hunting.api), clock }),
    consents: once(() => new Consents(() => storage().table(TENANT_TABLE), clock)),
    doctor: once(
      () =>
        new Doctor({
          settings: doctorSettings(),
          tenants: tenants(),
          tenantsOf: callers.tenantsOf,
          application: credential(),
          ...exchange(),
          // A new one each time: a watch keeps what it read for an hour.
          openWatch: (ofIdentity, ofPeople) => createCredentialWatch(ofIdentity, ofPeople, clock),
          clock,
        }),
    ),
    health: once(() => createHealth(settings, store, pause)),
  };
});

/** Knows when what the app signs in with expires. @throws SettingsError */
export const credentialWatch = once(() => {
  const { identity, onBehalfOf } = parseCredentialSettings(process.env);
  return createCredentialWatch(identity, onBehalfOf, clock);
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
  const openAsApplication = createOpenAsApplication(tenants, credential, defender);
  const runner = new ActionRunner({ store, turns, openAsApplication, pause, clock, pollIntervalMs });
  return { store, pause, runner, pollIntervalMs };
});

const storage = once(() => {
  const settings = parseStorageSettings(process.env);
  return createStorageAccount(settings, () => createManagedIdentity(settings.clientId));
});

// Tokens outlive the invocation that first asks for them, so what happens to them is logged to the process.
const processLogger = createLogger(console);

const credential = once(() =>
  createApplicationCredential(parseIdentitySettings(process.env), clock, processLogger),
);

const tenants = once(
  () =>
    new TableTenantDirectory(() => storage().table(TENANT_TABLE), parseIdentitySettings(process.env), clock),
);

function createTenantPulls({ identity, defender, alerts, tenantFanOutAbove }: Settings): TenantPulls {
  const stores = {
    checkpoints: new TableCheckpointStore(() => storage().table(CHECKPOINT_TABLE)),
    ledger: new TableLedger(() => storage().table(LEDGER_TABLE)),
    outbox: new QueueOutbox({
      queue: () => storage().queue(OUTBOX_QUEUE),
      container: () => storage().container(ALERT_CONTAINER),
      clock,
    }),
    quarantine: new BlobQuarantine(() => storage().container(QUARANTINE_CONTAINER)),
  };
  return new TenantPulls({
    tenants: tenants(),
    homeId: identity.tenantId,
    pullOf: (tenant, run) => {
      const client = asApplication(tenant, credential(), defender).client('endpoint');
      return new AlertPull({
        ...stores,
        tenantId: tenant.id,
        source: run.source(new EndpointAlertSource(client)),
        clock: run.clock,
        random,
        settings: { ...alerts, budgetMs: run.budgetMs },
        longestWaitMs: run.longestWaitMs,
      });
    },
    queue: new TenantQueue(() => storage().queue(TENANT_QUEUE)),
    turns: createTurns(),
    fanOutAbove: tenantFanOutAbove,
    budgetMs: alerts.budgetMs,
    clock,
  });
}

/** @throws SettingsError */
function doctorSettings(): DoctorSettings {
  const settings = parseDoctorSettings(process.env);
  if (settings instanceof SettingsError) throw settings;
  return settings;
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
    audience: defender.endpointsOf(identity.cloud).endpoint.audience,
    checkpoints: new TableCheckpointStore(() => storage().table(CHECKPOINT_TABLE)),
    poison: new PoisonQueue(() => storage().queue(POISON_QUEUE), clock),
    tokens: credential().tokensIn(identity.tenantId),
    operations,
    pause,
    tenants: tenants(),
    credentials: credentialWatch(),
    clock,
  });
}

/** Calls `create` at the first call and keeps what it gave; a failure is not kept. */
function once<T extends object>(create: () => T): () => T {
  let instance: T | undefined;
  return () => (instance ??= create());
}
