import type { ServiceName } from '../http/Call.ts';

/** Which calls a rule is for; every given condition must hold. */
export interface FaultMatch {
  readonly method?: string;
  /** Id of the tenant that the call is about. */
  readonly tenant?: string;
  readonly pathContains?: string;
  /** Compared with the decoded query. */
  readonly queryContains?: string;
  /** An alert query whose `lastUpdateTime` window touches this interval; both ends included, in ticks. */
  readonly filterOverlaps?: { readonly from: bigint; readonly to: bigint };
  /** An alert query that would return the alert with this id. */
  readonly alertInResult?: string;
}

/** What happens to a call that matches. */
export type FaultEffect =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body: unknown;
      readonly headers: Record<string, string>;
    }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'delayAnswer'; readonly delayMs: number }
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  | { readonly kind: 'drop'; readonly when: 'beforeCall' | 'beforeAnswer' | 'midBody' }
  | { readonly kind: 'throttle'; readonly retryAfterSeconds: number; readonly as: 'seconds' | 'date' }
  | { readonly kind: 'partial' }
  | { readonly kind: 'corruptJson' }
  | { readonly kind: 'html' };

/** A rule as it was asked for. */
export interface FaultOrder {
  readonly service: ServiceName;
  readonly match: FaultMatch;
  /** How many calls it applies to; absent: all. */
  readonly times?: number;
  /** How many matching calls pass untouched first. */
  readonly skipFirst: number;
  readonly effect: FaultEffect;
}

/** A rule with its counts. */
export interface FaultRule extends FaultOrder {
  readonly id: string;
  /** Matching calls, also those that passed untouched. */
  matched: number;
  /** Calls it changed. */
  hits: number;
}
