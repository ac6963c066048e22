import type { AlertDelivery } from './alerts/AlertDelivery.ts';
import { createAlertDelivery } from './composition/createAlertDelivery.ts';
import { createDoctor } from './composition/createDoctor.ts';
import { createHealth } from './composition/createHealth.ts';
import { createTenantPulls } from './composition/createTenantPulls.ts';
import { once } from './composition/once.ts';
import { credential, processLogger, storage, tenants } from './composition/shared.ts';
import type { DefenderAccess } from './defender/DefenderAccess.ts';
import { ActionRunner } from './devices/ActionRunner.ts';
import { DeviceActions } from './devices/DeviceActions.ts';
import { OperationFollower } from './devices/OperationFollower.ts';
import type { Doctor } from './doctor/Doctor.ts';
import type { Health } from './health/Health.ts';
import { CallerGate } from './http/CallerGate.ts';
import { Hunting } from './hunting/Hunting.ts';
import { createOnBehalfOf } from './identity/createOnBehalfOf.ts';
import { ActionCap } from './operations/ActionCap.ts';
import { DeviceTurns } from './operations/DeviceTurns.ts';
import { GUARD_TABLE, PauseSwitch } from './operations/PauseSwitch.ts';
import { OPERATION_TABLE, TableOperationStore } from './operations/TableOperationStore.ts';
import { systemClock as clock } from './runtime/Clock.ts';
import {
  parseFollowSettings,
  parseResponseSettings,
  type ResponseSettings,
} from './settings/parseResponseSettings.ts';
import { parseSettings, type Settings } from './settings/parseSettings.ts';
import { Consents } from './tenants/Consents.ts';
import { createOpenAsApplication } from './tenants/createOpenAsApplication.ts';
import { TENANT_TABLE } from './tenants/TableTenantDirectory.ts';
import { TenantAccess } from './tenants/TenantAccess.ts';
import type { TenantPulls } from './tenants/TenantPulls.ts';

export { credentialWatch } from './composition/shared.ts';

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
    doctor: once(() => createDoctor(exchange().onBehalfOf, callers)),
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
  const openAsApplication = createOpenAsApplication(tenants, credential, defender);
  const runner = new ActionRunner({ store, turns, openAsApplication, pause, clock, pollIntervalMs });
  return { store, pause, runner, pollIntervalMs };
});
