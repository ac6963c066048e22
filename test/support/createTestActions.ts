import type { TableClient } from '@azure/data-tables';
import { ActionRunner } from '../../src/devices/ActionRunner.ts';
import type { ActionOrder } from '../../src/devices/createOperation.ts';
import { DeviceActions } from '../../src/devices/DeviceActions.ts';
import type { DeviceAccess } from '../../src/devices/OperationAccess.ts';
import { OperationFollower } from '../../src/devices/OperationFollower.ts';
import { ActionCap } from '../../src/operations/ActionCap.ts';
import { DeviceTurns } from '../../src/operations/DeviceTurns.ts';
import type { Operation } from '../../src/operations/Operation.ts';
import { PauseSwitch, type Pause } from '../../src/operations/PauseSwitch.ts';
import { TableOperationStore } from '../../src/operations/TableOperationStore.ts';
import type { Clock } from '../../src/runtime/Clock.ts';
import type { Logger } from '../../src/runtime/Logger.ts';
import type { GuardSettings } from '../../src/settings/parseResponseSettings.ts';
import { TenantNotFound } from '../../src/tenants/TenantNotFound.ts';
import { collectLogs } from './collectLogs.ts';
import type { DefenderModel, ModelWay } from './DefenderModel.ts';

/** When the tests of actions begin. */
export const START = Date.parse('2026-11-21T12:00:00Z');
/** The default of OPERATION_POLL_INTERVAL. */
export const POLL_MS = 10_000;

/** No device is protected, and the caps are the defaults. */
export const OPEN_GUARDS: GuardSettings = {
  capPerHour: 60,
  capPerCaller: 40,
  protectedIds: [],
  protectedNames: [],
  protectedTags: [],
  protectedGroups: [],
  protectedValues: [],
  protectedPlatforms: [],
};

export const RUNNING: Pause = { isPaused: false, allowsRelease: false, reason: '', by: '', since: '' };
export const PAUSED: Pause = { ...RUNNING, isPaused: true, reason: 'exercise' };

/** A device id that is easily read in a failing test. */
export function deviceId(number: number): string {
  return number.toString(16).padStart(40, 'd');
}

/** An isolation of device 1 by the caller `soar`, but for what is said otherwise. */
export function orderOf(order: Partial<ActionOrder> = {}): ActionOrder {
  return {
    action: 'isolate',
    device: deviceId(1),
    comment: 'Ransomware seen',
    incidentId: undefined,
    isolationType: (order.action ?? 'isolate') === 'isolate' ? 'Full' : undefined,
    caller: { kind: 'application', id: 'soar', name: 'SOAR', applicationId: 'soar' },
    run: undefined,
    ...order,
  };
}

export interface TestActionsInit {
  readonly clock: Clock;
  readonly defender: DefenderModel;
  readonly operationTable: TableClient;
  readonly guardTable: TableClient;
  readonly guards?: Partial<GuardSettings>;
  readonly way?: ModelWay;
  readonly logger?: Logger;
  /** Whether the tenant of the operations was removed. */
  readonly isTenantGone?: () => boolean;
}

/** The rooms for actions as one process of the app has them, put together as `services.ts` does. */
export function createTestActions(init: TestActionsInit) {
  const { clock, defender, operationTable, guardTable, way } = init;
  const guards = { ...OPEN_GUARDS, ...init.guards };
  const logs = collectLogs();
  const logger = init.logger ?? logs.logger;
  const client = defender.client(way);
  const pause = new PauseSwitch(() => Promise.resolve(guardTable));
  const store = new TableOperationStore(() => Promise.resolve(operationTable));
  const turns = new DeviceTurns(() => Promise.resolve(operationTable), clock);
  const cap = new ActionCap(() => Promise.resolve(guardTable), guards, clock);
  const access = { kind: 'application', isHome: true, tenantId: 'home', client: () => client } as const;
  const openAsApplication = (tenantId: string | undefined) =>
    init.isTenantGone?.()
      ? Promise.reject(new TenantNotFound(tenantId ?? 'home'))
      : Promise.resolve({ access, hold: undefined });
  const accessOf = ({ kind, id }: ActionOrder['caller']): DeviceAccess =>
    kind === 'person' ? { ...access, kind, client: () => defender.client(way, id) } : access;
  const runner = new ActionRunner({ store, turns, openAsApplication, pause, clock, pollIntervalMs: POLL_MS });
  const follower = new OperationFollower(store, runner, clock, POLL_MS);
  const service = new DeviceActions({ store, runner, cap, pause, guards, clock });
  const never = new AbortController().signal;
  return {
    ...{ pause, store, turns, cap, logs },
    request: (order: ActionOrder, key: string, signal = never): Promise<Operation> =>
      service.request(order, accessOf(order.caller), { kind: 'key', value: key }, logger, signal),
    decide: (order: ActionOrder) => service.decide(order, accessOf(order.caller), never),
    /** @param as whoever asks; somebody else than the requester unless given. */
    look: (id: string, as = ''): Promise<Operation> =>
      follower.look(id, logger, never, ({ request: { caller } }) =>
        Promise.resolve(caller.id === as ? accessOf(caller) : undefined),
      ),
    followAll: (signal = never): Promise<void> => follower.followAll(logger, signal),
    retryAfterMs: (operation: Operation): number => follower.retryAfterMs(operation),
    setPause: (state: Pause): Promise<void> => pause.write(state, never),
  };
}

export type TestActions = ReturnType<typeof createTestActions>;
