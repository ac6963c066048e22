import type { AccessClaims } from '../entra/accessToken.ts';
import type { Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { ApiName } from './CallQuota.ts';
import type { Access } from './roles/judgeCaller.ts';
import type { Viewpoint } from './roles/Viewpoint.ts';

/** A call as its operation sees it, with token and permission checked. */
export interface OperationContext {
  readonly call: Call;
  readonly claims: AccessClaims;
  /** What the caller may see. */
  readonly viewpoint: Viewpoint;
  readonly nowTicks: bigint;
  /** Absolute URL of the API, with its prefix: `https://host/api`. */
  readonly apiUrl: string;
}

/** What a method and path stand for. */
export interface Operation extends Access {
  /** The limits it counts against. */
  readonly api: ApiName;
  /** Throws a `Refusal`. */
  readonly answer: (context: OperationContext) => Answer;
}

/** The part of a path behind the name of the collection. */
export type PathSegments = readonly string[];
