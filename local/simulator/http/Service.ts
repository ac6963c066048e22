import type { Answer } from './Answer.ts';
import type { Call, ServiceName } from './Call.ts';

/** What fault rules may ask about a query without changing anything. */
export interface QueryInspector {
  /** The interval of `lastUpdateTime` (ticks, both ends included) that a list query covers; undefined for other calls. */
  findWindow(call: Call): { readonly from: bigint; readonly to: bigint } | undefined;
  /** True when the answer to this call would contain this alert. */
  isAlertInResult(call: Call, alertId: string): boolean;
}

/** One simulated service. */
export interface Service {
  readonly name: ServiceName;
  readonly inspector?: QueryInspector;
  /** Answers a call; may throw a `Refusal`. */
  handle(call: Call): Promise<Answer>;
  /** The answer to too many requests, in the shape of this service. */
  throttled(retryAfter: string): Answer;
}
