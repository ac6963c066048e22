import type { SimulatedClock } from '../../clock/SimulatedClock.ts';
import { hashText } from '../../random/hashText.ts';
import { SeededRandom } from '../../random/SeededRandom.ts';
import type { MachineStore } from '../machines/MachineStore.ts';
import { findNextStep, type Step } from './findNextStep.ts';
import { isOpen, type MachineActionOrder, type StoredMachineAction } from './MachineAction.ts';
import { cancelledHResult, createPlan, toTicks } from './MachineActionPlan.ts';
import { MachineActionRules } from './MachineActionRules.ts';

/** Who cancels an action, and why. */
export interface Cancellation {
  readonly requestor: string;
  readonly comment: string;
}

/**
 * The machine actions of the tenant.
 *
 * No timer runs: whatever looks at actions or machines calls `settle` first, which carries out everything that was due by
 * then, in the order in which it was due. What has happened stays so when the clock is set back.
 */
export class MachineActionStore {
  readonly rules = new MachineActionRules();
  readonly #machines: MachineStore;
  readonly #clock: SimulatedClock;
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #actions = new Map<string, StoredMachineAction>();

  constructor(machines: MachineStore, clock: SimulatedClock, seed: number) {
    this.#machines = machines;
    this.#clock = clock;
    this.#seed = seed;
    this.#random = new SeededRandom(`machine actions ${seed}`);
  }

  /** Brings all actions, and the machines they change, to the present. */
  settle(): void {
    const nowTicks = this.#clock.nowTicks();
    for (;;) {
      const due = this.#findDue(nowTicks);
      if (due === undefined) return;
      const [action, step] = due;
      action.status = step.status;
      action.updatedTicks = step.atTicks;
      action.errorHResult = step.errorHResult;
      const machine = this.#machines.find(action.machineId);
      if (machine === undefined || step.status !== 'Succeeded') continue;
      if (action.type === 'Isolate') machine.isIsolated = true;
      if (action.type === 'Unisolate') machine.isIsolated = false;
    }
  }

  /** Creates an action, or returns the open one of its type when a rule says so; undefined: refused, because one is open. */
  order(order: MachineActionOrder): StoredMachineAction | undefined {
    this.settle();
    const rule = this.rules.find(order.machineId, order.type);
    const open = this.list().find(
      (one) => one.machineId === order.machineId && one.type === order.type && isOpen(one),
    );
    if (open !== undefined && (rule?.duplicate ?? 'refuse') === 'refuse') return undefined;
    if (rule !== undefined) rule.hits += 1;
    if (open !== undefined && rule?.duplicate === 'returnExisting') return open;
    const createdTicks = this.#clock.nowTicks();
    const id = this.#random.guid();
    const action: StoredMachineAction = {
      ...order,
      id,
      place: hashText(`${this.#seed} ${id}`),
      createdTicks,
      visibleFrom: createdTicks + toTicks(rule?.visibleAfterSeconds ?? 0),
      plan: createPlan(rule),
      status: 'Pending',
      updatedTicks: createdTicks,
      errorHResult: 0,
    };
    this.#actions.set(id, action);
    this.settle(); // A plan may take no time at all.
    return action;
  }

  /** Cancels an open action; false when it is over. */
  cancel(action: StoredMachineAction, { requestor, comment }: Cancellation): boolean {
    this.settle();
    if (!isOpen(action)) return false;
    const ticks = this.#clock.nowTicks();
    action.status = 'Cancelled';
    action.updatedTicks = ticks;
    action.errorHResult = cancelledHResult;
    action.cancellation = { requestor, comment, ticks };
    return true;
  }

  /** The action with this id, whether or not it is visible. */
  find(id: string): StoredMachineAction | undefined {
    return this.#actions.get(id.toLowerCase());
  }

  /** All actions, oldest first. */
  list(): readonly StoredMachineAction[] {
    return [...this.#actions.values()];
  }

  /** Forgets all actions; the machines stay as they are. */
  clear(): void {
    this.#actions.clear();
  }

  #findDue(nowTicks: bigint): readonly [StoredMachineAction, Step] | undefined {
    let first: readonly [StoredMachineAction, Step] | undefined;
    for (const action of this.#actions.values()) {
      const step = findNextStep(action, this.#machines.find(action.machineId));
      if (step === undefined || step.atTicks > nowTicks) continue;
      if (first === undefined || step.atTicks < first[1].atTicks) first = [action, step];
    }
    return first;
  }
}
