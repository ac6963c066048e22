import { formatTicks, fromUnixMs, type Ticks } from '../alerts/ticks.ts';
import type { DefenderClient } from '../defender/DefenderClient.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import type { Clock } from '../runtime/Clock.ts';
import { textOf, ticksOf, type ServiceRecord } from './members.ts';
import type { NewestRecords } from './NewestRecords.ts';
import { toOwnPath } from './nextPage.ts';
import type { ReadingApi } from './readingApis.ts';
import { readPage, type PageEnd, type PageRecord } from './readPage.ts';
import { readTwice } from './readTwice.ts';
import { findCut, type TimeRange } from './TimeRange.ts';

export interface RangeReaderInit {
  readonly operation: string;
  readonly api: ReadingApi;
  readonly client: DefenderClient;
  /** Where the client sends to. */
  readonly baseUrl: string;
  /** OData, besides the times; empty for everything. */
  readonly filter: string;
  /** What counts of that which was read. */
  readonly matches: (record: ServiceRecord) => boolean;
  /** Not updated before; milliseconds since the Unix epoch. */
  readonly since: number;
  readonly kept: NewestRecords;
  readonly clock: Clock;
  /** For all of it; milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How the reading of a range ended. */
export interface RangeEnd {
  /** `tooMany`: there is more in it than needed, and it can be cut. */
  readonly end: 'complete' | 'tooMany' | 'time' | 'calls';
  /** The last updates of what was read, in the order in which it came. */
  readonly times: readonly Ticks[];
}

/** Where a page leads. */
interface Way {
  readonly hasMore: boolean;
  /** Path and query of the next page; undefined when there is none that can be asked for. */
  readonly next: string | undefined;
}

const CUT_OFF: Way = { hasMore: true, next: undefined };

/** Reads all pages of ranges of time, within one budget of time and calls. */
export class RangeReader {
  readonly #init: RangeReaderInit;
  readonly #until: number;
  readonly #deadline: AbortSignal;
  #calls = 0;
  #pages = 0;
  #isPartial = false;

  constructor(init: RangeReaderInit) {
    this.#init = init;
    this.#until = init.clock.now() + init.timeoutMs;
    this.#deadline = AbortSignal.timeout(init.timeoutMs);
  }

  get calls(): number {
    return this.#calls;
  }

  /** Whether anything is missing that cannot be had. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  /** @param needed for how many records there is room. */
  async read(range: TimeRange, needed: number): Promise<RangeEnd> {
    const { api, clock } = this.#init;
    const times: Ticks[] = [];
    const matching = new Set<string>();
    const observe = (found: PageRecord) => {
      const at = this.#observe(found, range, matching);
      if (at !== undefined) times.push(at);
    };
    const first = this.#firstPath(range);
    let path = first;
    for (let skip = 0; ;) {
      if (this.#calls >= api.maxCalls) return { end: 'calls', times };
      if (clock.now() >= this.#until) return { end: 'time', times };
      const page = await this.#readPage(path, path !== first, observe);
      if (page === 'time') return { end: 'time', times };
      if (page !== 'refused') skip += page.count;
      const { hasMore, next } = page === 'refused' ? CUT_OFF : this.#follow(first, page, skip);
      if (!hasMore) return { end: 'complete', times };
      const isEnough = matching.size > needed;
      if ((isEnough || next === undefined) && findCut(range, times, clock.now()) !== undefined) {
        return { end: 'tooMany', times };
      }
      // All of one instant: none of what is left is newer.
      if (isEnough) return { end: 'complete', times };
      if (next === undefined) {
        this.#isPartial = true;
        return { end: 'complete', times };
      }
      path = next;
    }
  }

  /** Keeps a record, and tells its last update. One without a time counts as if it were the oldest of its range. */
  #observe(
    { record, bytes, digest }: PageRecord,
    { from }: TimeRange,
    matching: Set<string>,
  ): Ticks | undefined {
    const { api, since, kept, matches } = this.#init;
    const at = ticksOf(record, api.lastUpdate, api.creation);
    // The service's own filter may be coarser than ours.
    if (at !== undefined && at < fromUnixMs(since)) return undefined;
    if (matches(record)) {
      const key = textOf(record, ...api.id) ?? digest();
      matching.add(key);
      kept.add({ key, at: at ?? from, bytes, record });
    }
    return at;
  }

  async #readPage(
    path: string,
    isContinued: boolean,
    observe: (found: PageRecord) => void,
  ): Promise<PageEnd | 'time' | 'refused'> {
    const { client, operation, api, clock, signal } = this.#init;
    const deadline = AbortSignal.any([signal, this.#deadline]);
    const request = {
      operation,
      path,
      permission: api.permission,
      signal: deadline,
      beforeSend: () => {
        this.#calls += 1;
        return Promise.resolve();
      },
    };
    try {
      const time = { clock, until: this.#until, signal: deadline };
      const page = await readTwice(() => readPage(client, request, observe), time);
      this.#pages += 1;
      if (page.isPartial) this.#isPartial = true;
      return page;
    } catch (error) {
      signal.throwIfAborted();
      if (this.#deadline.aborted && this.#pages > 0) return 'time';
      // Services refuse to page on from some point, of which not all are documented.
      const isRefused = error instanceof DefenderHttpError && error.serviceStatus === 400;
      if (isContinued && isRefused) return 'refused';
      throw error;
    }
  }

  #follow(first: string, { count, nextLink }: PageEnd, skip: number): Way {
    const { operation, api, baseUrl } = this.#init;
    if (api.paging === 'link' && nextLink !== undefined) {
      return { hasMore: true, next: toOwnPath(operation, nextLink, baseUrl) };
    }
    // A full page without a link: nothing says that this was all.
    const hasMore = nextLink !== undefined || count >= api.limits.pageSize;
    return { hasMore, next: count > 0 && skip <= api.maxSkip ? `${first}&$skip=${skip}` : undefined };
  }

  #firstPath({ from, to }: TimeRange): string {
    const { api, filter } = this.#init;
    const conditions = [
      `${api.lastUpdate} ge ${formatLiteral(from)}`,
      ...(to === undefined ? [] : [`${api.lastUpdate} lt ${formatLiteral(to)}`]),
      ...(filter === '' ? [] : [filter]),
    ];
    const query = encodeURIComponent(conditions.join(' and '));
    return `${api.path}?$filter=${query}&$top=${api.limits.pageSize}`;
  }
}

/** A timestamp literal as the documentation's samples write it: unquoted, without needless zeros. */
function formatLiteral(ticks: Ticks): string {
  return formatTicks(ticks).replace(/\.?0*Z$/, 'Z');
}
