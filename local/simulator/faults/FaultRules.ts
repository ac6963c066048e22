import { toDecodedQuery, type Call } from '../http/Call.ts';
import type { Service } from '../http/Service.ts';
import type { FaultMatch, FaultOrder, FaultRule } from './FaultRule.ts';

/** The fault rules in force, oldest first. The first one that matches a call is used, and no other. */
export class FaultRules {
  #rules: FaultRule[] = [];
  #lastId = 0;

  add(order: FaultOrder): FaultRule {
    this.#lastId += 1;
    const rule = { ...order, id: `fault-${this.#lastId}`, matched: 0, hits: 0 };
    this.#rules.push(rule);
    return rule;
  }

  list(): readonly FaultRule[] {
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

  /** The rule for this call, counted as used; undefined when the call passes untouched. */
  take(service: Service, call: Call): FaultRule | undefined {
    for (const rule of this.#rules) {
      const isSpent = rule.times !== undefined && rule.hits >= rule.times;
      if (isSpent || rule.service !== service.name || !isMatch(rule.match, service, call)) continue;
      rule.matched += 1;
      if (rule.matched <= rule.skipFirst) continue;
      rule.hits += 1;
      return rule;
    }
    return undefined;
  }
}

function isMatch(match: FaultMatch, { inspector }: Service, call: Call): boolean {
  const { method, tenant, pathContains, queryContains, filterOverlaps, alertInResult } = match;
  if (method !== undefined && method !== call.method) return false;
  if (tenant !== undefined && tenant !== call.tenant) return false;
  if (pathContains !== undefined && !call.path.includes(pathContains)) return false;
  if (queryContains !== undefined && !toDecodedQuery(call).includes(queryContains)) return false;
  if (filterOverlaps !== undefined) {
    const window = inspector?.findWindow(call);
    if (window === undefined || window.from > filterOverlaps.to || window.to < filterOverlaps.from)
      return false;
  }
  return alertInResult === undefined || inspector?.isAlertInResult(call, alertInResult) === true;
}
