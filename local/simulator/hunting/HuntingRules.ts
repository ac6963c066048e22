import type { HuntingApi } from './HuntingLimits.ts';

/** What is made to happen to a query. */
export interface HuntingEffect {
  /** The query takes so much longer. */
  readonly delayMs?: number;
  /** So much running time is charged for it, without waiting. */
  readonly chargeSeconds?: number;
  /** It ends as one that is not answered, or it uses up all running time before it is looked at. */
  readonly outcome?: 'timeOut' | 'preempt' | 'exhaustCpu';
}

/** A rule for the next queries. */
export interface HuntingRule extends HuntingEffect {
  /** Absent: any API. */
  readonly api?: HuntingApi;
  /** Only queries with this text in them. */
  readonly queryContains?: string;
  /** How many queries it applies to. */
  times: number;
}

/** The rules in force, oldest first; a query takes the first one that fits. */
export class HuntingRules {
  #rules: HuntingRule[] = [];

  add(rule: HuntingRule): void {
    this.#rules.push(rule);
  }

  list(): readonly HuntingRule[] {
    return this.#rules;
  }

  clear(): void {
    this.#rules = [];
  }

  /** The effect on this query; counted as used. */
  take(api: HuntingApi, query: string): HuntingEffect {
    const rule = this.#rules.find(
      (one) => (one.api ?? api) === api && query.includes(one.queryContains ?? ''),
    );
    if (rule === undefined) return {};
    rule.times -= 1;
    if (rule.times <= 0) this.#rules = this.#rules.filter((one) => one !== rule);
    return rule;
  }
}
