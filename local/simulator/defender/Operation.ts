import type { AccessClaims } from '../entra/accessToken.ts';
import type { Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { ApiName } from './CallQuota.ts';

/** A call as its operation sees it, with token and role checked. */
export interface OperationContext {
  readonly call: Call;
  readonly claims: AccessClaims;
  readonly nowTicks: bigint;
  /** Absolute URL of the API, with its prefix: `https://host/api`. */
  readonly apiUrl: string;
}

/** What a method and path stand for. */
export interface Operation {
  /** The limits it counts against. */
  readonly api: ApiName;
  /** The application roles, one of which the token must have. */
  readonly roles: readonly string[];
  /** Throws a `Refusal`. */
  readonly answer: (context: OperationContext) => Answer;
}

/** The part of a path behind the name of the collection. */
export type PathSegments = readonly string[];
