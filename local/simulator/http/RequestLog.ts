import type { ServiceName } from './Call.ts';

/** One received request. Holds neither headers nor bodies, so neither tokens nor secrets. */
export interface LoggedRequest {
  readonly service: ServiceName;
  /** When it arrived, by the simulated clock. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  /** Decoded query, `+` as space. */
  readonly query: string;
  /** Id of the tenant that the token, or the path at Entra, names; null when none. */
  readonly tenant: string | null;
  /** Status sent; null while the answer is open, and when the connection was dropped before one. */
  status: number | null;
  /** The application or identity whose token or secret was accepted. */
  principal: string | null;
  /** The fault rule that changed the answer. */
  fault: string | null;
}

const mostRequests = 100_000;

/** The requests received since the start or the last clearing, oldest first. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  add(request: LoggedRequest): LoggedRequest {
    this.#requests.push(request);
    // Dropped in blocks: shifting one by one would copy the list for each request.
    if (this.#requests.length > mostRequests * 1.1) this.#requests = this.#requests.slice(-mostRequests);
    return request;
  }

  list(service?: ServiceName, tenant?: string): readonly LoggedRequest[] {
    return this.#requests.filter(
      (one) =>
        (service === undefined || one.service === service) && (tenant === undefined || one.tenant === tenant),
    );
  }

  clear(): void {
    this.#requests = [];
  }
}
