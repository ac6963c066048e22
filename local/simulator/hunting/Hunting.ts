import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import type { Viewpoint } from '../defender/roles/Viewpoint.ts';
import { HuntingError } from './HuntingError.ts';
import { longestQuery, type HuntingApi } from './HuntingLimits.ts';
import { HuntingQuota } from './HuntingQuota.ts';
import { HuntingRules, type HuntingEffect } from './HuntingRules.ts';
import { evaluateQuery } from './kql/evaluateQuery.ts';
import { KqlError } from './kql/KqlError.ts';
import { KqlChecker } from './kql/language/KqlChecker.ts';
import { NotSimulatedError } from './kql/NotSimulatedError.ts';
import { QueryTooLargeError } from './kql/QueryTooLargeError.ts';
import type { Table } from './kql/Table.ts';
import type { HuntingData, TimeWindow } from './tables/HuntingData.ts';
import { huntingSchemas, isHuntingTable } from './tables/schema/huntingTables.ts';
import { missingFunctions, missingTables } from './tables/schema/otherTables.ts';

/** When the two older hunting APIs stop. Source: https://learn.microsoft.com/graph/api/resources/security-api-overview */
const retirementMs = Date.parse('2027-02-01T00:00:00Z');

/** A query and where it came from. */
export interface HuntingOrder {
  readonly api: HuntingApi;
  readonly tenant: string;
  /** What that tenant holds. */
  readonly data: HuntingData;
  readonly viewpoint: Viewpoint;
  readonly query: string;
  readonly window: TimeWindow;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** The answer to a query. */
export interface HuntingResult {
  readonly table: Table;
  /** Running time as charged. */
  readonly seconds: number;
}

/** How answers look where the documentation shows more than one way. */
export interface AnswerStyle {
  /** Of the property names in answers of Graph: its documentation shows both. */
  readonly casing: 'lower' | 'upper';
  /** Adds `Name@odata.type` beside values whose type JSON does not show, as was seen in real answers of Graph. */
  readonly hasODataTypes: boolean;
}

/**
 * Advanced hunting: the same engine behind three APIs, for all tenants.
 *
 * Source: https://learn.microsoft.com/defender-xdr/advanced-hunting-overview
 */
export class Hunting {
  readonly quota = new HuntingQuota();
  readonly rules = new HuntingRules();
  style: AnswerStyle = { casing: 'lower', hasODataTypes: false };
  /** Whether the two older APIs have stopped; undefined: the clock decides. */
  isRetired: boolean | undefined;
  readonly #clock: SimulatedClock;
  readonly #checker = new KqlChecker({
    tables: huntingSchemas,
    notSimulated: new Set([...missingTables, ...missingFunctions]),
  });

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** Runs a query; throws HuntingError when it is not answered. */
  async run(order: HuntingOrder): Promise<HuntingResult> {
    const { api, tenant, query } = order;
    this.#verifyServing(api);
    const effect = this.rules.take(api, query);
    if (effect.outcome === 'exhaustCpu') this.quota.exhaust(api, tenant, this.#clock.nowMs());
    this.quota.take(api, tenant, this.#clock.nowMs());
    const started = performance.now();
    try {
      await this.#applyEffect(order, effect);
      const { columns, rows } = this.#evaluate(order);
      return {
        table: { columns, rows: rows.slice(0, this.quota.limits.rows) },
        seconds: (performance.now() - started) / 1000,
      };
    } finally {
      // A frozen clock does not know how long it took, so the host's time is charged.
      const seconds = effect.chargeSeconds ?? (performance.now() - started) / 1000;
      this.quota.charge(api, tenant, { atMs: this.#clock.nowMs(), seconds });
    }
  }

  #verifyServing(api: HuntingApi): void {
    if (api === 'graph') return;
    const isRetired = this.isRetired ?? this.#clock.nowMs() >= retirementMs;
    if (!isRetired) return;
    throw new HuntingError(
      'retired',
      'This advanced hunting API is retired. Use the Microsoft Graph security API, runHuntingQuery.',
    );
  }

  /** Waits and ends as a rule says. */
  async #applyEffect(order: HuntingOrder, { delayMs = 0, outcome }: HuntingEffect): Promise<void> {
    const longestMs = longestQuery(this.quota.limits, order.api) * 1000;
    const isTooLong = delayMs > longestMs;
    const waitMs = isTooLong ? longestMs : delayMs;
    // When the caller goes away there is nobody left to answer.
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: order.signal }).catch(() => undefined);
    if (isTooLong || outcome === 'timeOut') {
      throw new HuntingError('timedOut', `The query ran for longer than ${longestMs / 1000} seconds.`);
    }
    if (outcome === 'preempt') throw preempted();
  }

  #evaluate({ query, window, data, viewpoint }: HuntingOrder): Table {
    try {
      const nowTicks = this.#clock.nowTicks();
      return evaluateQuery(this.#checker.check(query), {
        nowTicks,
        readTable: (name) => {
          if (!isHuntingTable(name)) throw new NotSimulatedError(`the table ${name}`);
          return data.read(name, window, viewpoint);
        },
      });
    } catch (error) {
      throw toHuntingError(error);
    }
  }
}

function toHuntingError(error: unknown): unknown {
  if (error instanceof KqlError) return new HuntingError('badQuery', error.message, { cause: error });
  if (error instanceof NotSimulatedError)
    return new HuntingError('notSimulated', error.message, { cause: error });
  if (error instanceof QueryTooLargeError) return preempted(error);
  if (!(error instanceof RangeError)) return error;
  return new HuntingError('notSimulated', `a value outside of its range (${error.message})`, {
    cause: error,
  });
}

/** The text of a real answer: https://github.com/OpenAEV-Platform/openaev/issues/3983 */
function preempted(cause?: unknown): HuntingError {
  return new HuntingError(
    'preempted',
    'Query execution has exceeded the allowed limits. The query execution was preempted. This could possibly be due to ' +
      'high CPU and/or memory resource consumption. Optimize your query by following best practices and try again.',
    { cause },
  );
}
