import type { MachineActionType } from './MachineAction.ts';
import type { PlanOrder } from './MachineActionPlan.ts';

/**
 * What a second action of a type gets while the first one is open.
 *
 * All three were seen. Source: https://learn.microsoft.com/defender-endpoint/api/unisolate-machine#response and
 * https://github.com/MicrosoftDocs/microsoft-365-docs/issues/5903
 */
export const duplicateAnswers = ['refuse', 'returnExisting', 'accept'] as const;

/** One of `duplicateAnswers`. */
export type DuplicateAnswer = (typeof duplicateAnswers)[number];

/** A rule for future actions, as it was asked for. */
export interface MachineActionRuleOrder extends PlanOrder {
  readonly match: { readonly machineId?: string; readonly type?: MachineActionType };
  readonly duplicate?: DuplicateAnswer;
  /** How long after its creation list and get do not show the action. */
  readonly visibleAfterSeconds?: number;
  /** How many calls it decides; absent: all. */
  readonly times?: number;
}

/** A rule with its count. */
export interface MachineActionRule extends MachineActionRuleOrder {
  readonly id: string;
  /** Calls it has decided; refused ones do not count. */
  hits: number;
}

/** The rules in force, oldest first. The first one that matches is used, and no other. */
export class MachineActionRules {
  #rules: MachineActionRule[] = [];
  #lastId = 0;

  add(order: MachineActionRuleOrder): MachineActionRule {
    this.#lastId += 1;
    const rule = { ...order, id: `machine-action-rule-${this.#lastId}`, hits: 0 };
    this.#rules.push(rule);
    return rule;
  }

  list(): readonly MachineActionRule[] {
    return this.#rules;
  }

  /** False when there is no such rule. */
  remove(id: string): boolean {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
    return this.#rules.length < before;
  }

  clear(): void {
    this.#rules = [];
  }

  /** The rule for an action; the caller counts it when it decides something. */
  find(machineId: string, type: MachineActionType): MachineActionRule | undefined {
    return this.#rules.find(
      ({ match, times, hits }) =>
        (times === undefined || hits < times) &&
        (match.machineId === undefined || match.machineId === machineId) &&
        (match.type === undefined || match.type === type),
    );
  }
}
