import type { Estate } from '../company/Estate.ts';
import type { Access } from '../defender/roles/judgeCaller.ts';
import type { Viewpoint } from '../defender/roles/Viewpoint.ts';
import type { AccessClaims } from '../entra/accessToken.ts';
import type { Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { GraphRequestFacts } from './graphRefusal.ts';

/** A call to Graph as its operation sees it, with token and permission checked. */
export interface GraphContext {
  readonly call: Call;
  readonly claims: AccessClaims;
  readonly facts: GraphRequestFacts;
  /** What Defender holds for the tenant of the token. */
  readonly estate: Estate;
  /** What the caller may see. */
  readonly viewpoint: Viewpoint;
  readonly nowTicks: bigint;
  /** Absolute URL of the API with its version: `https://host/v1.0`. */
  readonly apiUrl: string;
}

/** What a method and path stand for. */
export interface GraphOperation {
  readonly access: Access;
  /** True when it counts against the limit of the security resources; hunting has limits of its own. */
  readonly isCounted: boolean;
  /** Throws a `Refusal`. */
  readonly answer: (context: GraphContext) => Answer | Promise<Answer>;
}
