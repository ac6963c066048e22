import type { ActionCap } from '../operations/ActionCap.ts';
import { ActionsPaused } from '../operations/ActionsPaused.ts';
import { NEW_DEVICE } from '../operations/DeviceTurns.ts';
import { IdempotencyConflict } from '../operations/IdempotencyConflict.ts';
import { isOver, type Operation, type StoredOperation } from '../operations/Operation.ts';
import {
  operationId,
  requestHash,
  type RequestIdentity,
  type RequestKey,
} from '../operations/operationId.ts';
import { OperationNotFound } from '../operations/OperationNotFound.ts';
import type { OperationStore } from '../operations/OperationStore.ts';
import { isStopped, type PauseSwitch } from '../operations/PauseSwitch.ts';
import type { Clock } from '../runtime/Clock.ts';
import { describeError } from '../runtime/describeError.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { GuardSettings } from '../settings/parseResponseSettings.ts';
import type { ActionRunner } from './ActionRunner.ts';
import { actionDefinitions, type ActionName } from './actions.ts';
import { chooseDevice } from './chooseDevice.ts';
import { chooseStart } from './chooseStart.ts';
import { describeOperation } from './describeOperation.ts';
import { createOperation, tenantOf, type ActionOrder, type OperationInit } from './createOperation.ts';
import { DeviceDirectory } from './DeviceDirectory.ts';
import { parseDeviceIdentifier } from './DeviceIdentifier.ts';
import { DeviceNotFound } from './DeviceNotFound.ts';
import { DeviceProtected } from './DeviceProtected.ts';
import { DeviceUnsuitable } from './DeviceUnsuitable.ts';
import { toDeviceView, type DeviceView } from './deviceView.ts';
import { isOnboarded, type Machine } from './Machine.ts';
import { MachineActions } from './MachineActions.ts';
import type { DeviceAccess } from './OperationAccess.ts';
import type { Step } from './OperationProgress.ts';
import { findProtection } from './protection.ts';

/** A caller waits this long at most for the action to be taken; then the answer says that it is not known yet. */
const BUDGET_MS = 25_000;
/** How often to look whether another request finished with the device. */
const TURN_POLL_MS = 250;

/** What an action would have done. */
export interface Decision {
  readonly dryRun: true;
  readonly decision: 'act' | 'join' | 'wait';
  readonly action: ActionName;
  readonly device: DeviceView;
  /** The open machine action that would be joined or waited for. */
  readonly machineAction: string | undefined;
}

/** An order on its way to an operation. */
interface Acceptance extends OperationInit {
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface DeviceActionsInit {
  readonly store: OperationStore;
  readonly runner: ActionRunner;
  readonly cap: ActionCap;
  readonly pause: PauseSwitch;
  readonly guards: GuardSettings;
  readonly clock: Clock;
}

/**
 * Accepts actions on devices. Every refusal happens before anything is stored, and every operation is stored before
 * Defender is asked to act.
 */
export class DeviceActions {
  readonly #init: DeviceActionsInit;
  /** Repetitions that come while the first is being accepted share its answer. */
  readonly #accepting = new Map<string, Promise<StoredOperation>>();

  constructor(init: DeviceActionsInit) {
    this.#init = init;
  }

  /**
   * Accepts an order, or finds the operation that it asked for before.
   * @throws IdempotencyConflict, ActionsPaused, ActionCapReached, DeviceNotFound, DeviceAmbiguous, DeviceMerged,
   * DeviceUnsuitable, DeviceProtected, StorageError, and what asking Defender for the device throws.
   */
  async request(
    order: ActionOrder,
    access: DeviceAccess,
    key: RequestKey,
    logger: Logger,
    signal: AbortSignal,
  ): Promise<Operation> {
    const identity: RequestIdentity = {
      ...order,
      tenantId: tenantOf(access),
      device: order.device.toLowerCase(),
      callerId: order.caller.id,
      key,
    };
    const id = operationId(identity);
    const hash = requestHash(identity);
    const known = await this.#init.store.read(id, signal);
    const accepted =
      known ??
      (await this.#acceptOnce(`${id}.${hash}`, () =>
        this.#accept({ order, access, id, hash, logger, signal }),
      ));
    if (accepted.operation.requestHash !== hash) throw new IdempotencyConflict(id);
    return (await this.#runFor(BUDGET_MS, accepted, { logger, signal, requester: access })).operation;
  }

  /** The decision about an order, refusals included; nothing is stored and nothing is sent. */
  async decide(order: ActionOrder, access: DeviceAccess, signal: AbortSignal): Promise<Decision> {
    const machine = await this.#choose(order, access, signal);
    await this.#init.cap.verify(order.action, order.caller.id, signal);
    const operation = createOperation({ order, access, id: '', hash: '' }, machine, this.#init.clock.now());
    const actions = new MachineActions(access.client('endpoint'));
    const machineActions = await actions.list(machine.id, signal);
    const start = chooseStart(operation, machineActions, NEW_DEVICE, operation.createdAt);
    return {
      dryRun: true,
      decision: start.kind === 'join' || start.kind === 'wait' ? start.kind : 'act',
      action: order.action,
      device: toDeviceView(machine, this.#init.guards),
      machineAction: start.kind === 'join' || start.kind === 'wait' ? start.action.id : undefined,
    };
  }

  async #acceptOnce(request: string, accept: () => Promise<StoredOperation>): Promise<StoredOperation> {
    const pending = this.#accepting.get(request);
    if (pending) return await pending;
    const accepting = accept().finally(() => this.#accepting.delete(request));
    this.#accepting.set(request, accepting);
    return await accepting;
  }

  async #accept(acceptance: Acceptance): Promise<StoredOperation> {
    const { store, clock } = this.#init;
    const { id, logger, signal } = acceptance;
    const machine = await this.#admit(acceptance);
    const operation = createOperation(acceptance, machine, clock.now());
    const created = await store.create(operation, signal);
    if (created) {
      logger.info('action_requested', describeOperation(operation));
      return created;
    }
    const existing = await store.read(id, signal);
    if (!existing) throw new OperationNotFound(id);
    return existing;
  }

  async #admit({ order, access, id, logger, signal }: Acceptance): Promise<Machine> {
    try {
      const machine = await this.#choose(order, access, signal);
      await this.#init.cap.take(order.action, order.caller.id, id, signal);
      return machine;
    } catch (error) {
      signal.throwIfAborted();
      const { action, device, caller, run, comment, incidentId: incident } = order;
      const about = {
        action,
        tenantId: tenantOf(access),
        device,
        caller: caller.id,
        callerName: caller.name,
        run: run?.runId,
        incident,
        comment,
      };
      logger.warn('action_refused', { ...about, ...describeError(error) });
      throw error;
    }
  }

  /** The machine to act on. Whatever cannot be checked refuses, because the check throws. */
  async #choose(order: ActionOrder, access: DeviceAccess, signal: AbortSignal): Promise<Machine> {
    const { guards, pause } = this.#init;
    const state = await pause.read(signal);
    if (isStopped(state, order.action)) throw new ActionsPaused(state.reason);

    const identifier = parseDeviceIdentifier(order.device);
    if (!identifier) throw new DeviceNotFound(order.device);
    const definition = actionDefinitions[order.action];
    const onboarding = definition.onboarding(order.isolationType);
    const machines = await new DeviceDirectory(access.client('endpoint')).find(identifier, signal);
    const machine = chooseDevice(identifier, machines, guards, onboarding);
    const isFit = onboarding === 'any' || isOnboarded(machine) === (onboarding === 'onboarded');
    if (!isFit) throw new DeviceUnsuitable(machine.id, isOnboarded(machine));

    const rule = definition.isGuarded ? findProtection(machine, guards) : undefined;
    if (rule !== undefined) throw new DeviceProtected(machine.id, rule);
    return machine;
  }

  /** Goes on until Defender took the action, it is over, it has to wait for something long, or the time is up. */
  async #runFor(budgetMs: number, stored: StoredOperation, step: Step): Promise<StoredOperation> {
    const { clock, runner } = this.#init;
    const { signal } = step;
    const until = clock.now() + budgetMs;
    let current = stored;
    for (;;) {
      const { operation } = current;
      if (operation.machineAction || operation.waitingFor !== undefined || isOver(operation)) return current;
      const waitMs = Math.max(operation.nextCheckAt - clock.now(), 0);
      if (clock.now() + waitMs >= until) return current;
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      const next = await runner.advance(current, step);
      // Unchanged: somebody else has the device's turn.
      if (next.etag === current.etag) await clock.sleep(TURN_POLL_MS, signal);
      current = (await this.#init.store.read(operation.id, signal)) ?? next;
    }
  }
}
