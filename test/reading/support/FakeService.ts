import { once } from 'node:events';
import { parseTicks } from '../../../src/alerts/ticks.ts';
import { DefenderAccess } from '../../../src/defender/DefenderAccess.ts';

export type FakeRecord = Record<string, unknown>;

export interface FakeServiceInit {
  /** In the order in which the service lists them. */
  readonly records: readonly FakeRecord[];
  /** The property that is filtered on. */
  readonly lastUpdate: string;
  readonly paging: 'skip' | 'link';
  /** The most of a page, whatever is asked for. */
  readonly pageSize: number;
  /** Beyond it, 400; links are not bound by it. */
  readonly maxSkip?: number;
  /** Instead of the usual answer; by the number of the call, from 1 on. */
  readonly intercept?: (call: number, url: URL) => Response | 'silence' | undefined;
}

export const SERVICE = 'https://service.example';

/** A service that lists records as the documentation says, behind `fetch`. */
export class FakeService {
  readonly urls: URL[] = [];
  readonly hosts = new Set<string>();
  readonly #init: FakeServiceInit;

  constructor(init: FakeServiceInit) {
    this.#init = init;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    this.urls.push(url);
    this.hosts.add(url.host);
    const special = this.#init.intercept?.(this.urls.length, url);
    const signal = init?.signal ?? new AbortController().signal;
    if (special === 'silence') await once(signal, 'abort');
    signal.throwIfAborted();
    return special instanceof Response ? special : this.#answer(url);
  };

  #answer(url: URL): Response {
    const { records, paging, pageSize, maxSkip = Infinity } = this.#init;
    const query = url.searchParams;
    const top = Math.min(Number(query.get('$top') ?? pageSize), pageSize);
    const link = query.get('$skiptoken');
    const skip = Number(link ?? query.get('$skip') ?? 0);
    if (link === null && skip > maxSkip) {
      return Response.json({ error: { code: 'BadRequest', message: '$skip' } }, { status: 400 });
    }
    const selected = records.filter((record) => this.#selects(query.get('$filter') ?? '', record));
    const value = selected.slice(skip, skip + top);
    const hasMore = skip + value.length < selected.length;
    if (paging === 'skip' || !hasMore) return Response.json({ value });
    const next = new URL(url);
    next.searchParams.delete('$skip');
    next.searchParams.set('$skiptoken', String(skip + value.length));
    return Response.json({ value, '@odata.nextLink': next.href });
  }

  #selects(filter: string, record: FakeRecord): boolean {
    return filter.split(' and ').every((condition) => {
      const [property = '', operator, literal = ''] = condition.split(' ');
      if (property !== this.#init.lastUpdate) return record[property] === literal.replaceAll("'", '');
      const at = parseTicks(String(record[property]));
      const bound = parseTicks(literal);
      if (bound === undefined) throw new Error(`not an instant: ${literal}`);
      if (at === undefined) return false;
      return operator === 'ge' ? at >= bound : at < bound;
    });
  }
}

/** Defender and Graph, all on one host and all behind the same `fetch`. */
export function createAccess(service: Pick<FakeService, 'fetch'>, url = SERVICE): DefenderAccess {
  const endpoint = { url, audience: 'https://audience.example' };
  return new DefenderAccess({
    tenantId: '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
    isHome: true,
    kind: 'application',
    tokens: { getToken: () => Promise.resolve('opaque-token') },
    endpoints: { endpoint, xdr: endpoint, graph: endpoint },
    requestTimeoutMs: 5_000,
    fetch: service.fetch,
  });
}
