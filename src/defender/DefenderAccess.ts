import type { DefenderApi } from '../identity/permissions.ts';
import type { TokenSource } from '../identity/TokenSource.ts';
import type { DefenderEndpoints } from '../settings/parseSettings.ts';
import { DefenderClient } from './DefenderClient.ts';

/**
 * Graph keeps words that came after its first version to itself unless asked for them.
 * Source: https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
 */
const GRAPH_PREFERENCE = 'include-unknown-enum-members';

export interface DefenderAccessInit {
  readonly tenantId: string;
  /** True for the tenant of the deployment itself. */
  readonly isHome: boolean;
  /** As whom Defender is called: the app itself, or a person on whose behalf it acts. Undefined: as whoever signed in. */
  readonly kind: 'application' | 'person' | undefined;
  readonly tokens: TokenSource;
  readonly endpoints: DefenderEndpoints;
  readonly requestTimeoutMs: number;
  readonly fetch?: typeof fetch;
}

/** Defender and Graph as one identity sees them in one tenant. */
export class DefenderAccess {
  readonly tenantId: string;
  readonly isHome: boolean;
  readonly kind: 'application' | 'person' | undefined;
  readonly tokens: TokenSource;
  readonly endpoints: DefenderEndpoints;
  readonly #init: DefenderAccessInit;

  constructor(init: DefenderAccessInit) {
    this.tenantId = init.tenantId;
    this.isHome = init.isHome;
    this.kind = init.kind;
    this.tokens = init.tokens;
    this.endpoints = init.endpoints;
    this.#init = init;
  }

  client(api: DefenderApi): DefenderClient {
    return new DefenderClient({
      ...this.#init,
      ...this.endpoints[api],
      prefer: api === 'graph' ? GRAPH_PREFERENCE : undefined,
    });
  }
}
