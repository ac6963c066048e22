import type { AlertSource, PageEnd, PageQuery, SourceCall } from '../../src/alerts/AlertSource.ts';
import { fromUnixMs, type Ticks } from '../../src/alerts/ticks.ts';
import type { PageElement } from '../../src/defender/PageSplitter.ts';
import { elementOf, ORIGIN, ticksOf } from './alerts.ts';
import type { VirtualClock } from './VirtualClock.ts';

export interface SourceAlert {
  readonly id: string;
  readonly lastUpdateTime: string;
  readonly [property: string]: unknown;
}

/** A small service in memory. It gives the alerts that were put in last first, so never in the order of time. */
export class MemorySource implements AlertSource {
  readonly name = ORIGIN.source;
  readonly callLimits = { perMinute: 100, perHour: 1500 };
  /** The pages that were asked for, also those that failed. */
  readonly queries: PageQuery[] = [];
  /** Calls of any kind that got here. */
  calls = 0;
  /** What a call meets before it is answered: throws to fail, takes time, changes alerts. */
  onCall: (query: PageQuery | undefined) => void | Promise<void> = () => undefined;
  /** What a page meets before it gives this alert, after having given so many. */
  onElement: (query: PageQuery, given: number, alert: SourceAlert) => void = () => undefined;
  /** Last word on how a page ends. */
  conclude: (query: PageQuery, end: PageEnd) => PageEnd = (_query, end) => end;
  readonly #clock: VirtualClock;
  #alerts = new Map<string, SourceAlert>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Adds alerts, or changes those whose id is known. */
  put(...alerts: SourceAlert[]): void {
    for (const alert of alerts) {
      this.#alerts.delete(alert.id);
      this.#alerts = new Map([[alert.id, alert], ...this.#alerts]);
    }
  }

  async readClock({ beforeSend }: SourceCall): Promise<Ticks> {
    await beforeSend();
    this.calls += 1;
    await this.onCall(undefined);
    return fromUnixMs(Math.floor(this.#clock.now() / 1000) * 1000);
  }

  async readPage(
    query: PageQuery,
    observe: (element: PageElement) => Promise<void>,
    { beforeSend }: SourceCall,
  ): Promise<PageEnd> {
    await beforeSend();
    this.calls += 1;
    this.queries.push(query);
    await this.onCall(query);
    const { window, top, skip } = query;
    const page = [...this.#alerts.values()]
      .filter(({ lastUpdateTime }) => {
        const at = ticksOf(lastUpdateTime);
        return at >= window.from && at < window.to;
      })
      .slice(skip, skip + top);
    for (const [given, alert] of page.entries()) {
      this.onElement(query, given, alert);
      await observe(elementOf(alert));
    }
    return this.conclude(query, { count: page.length, hasMore: false, isPartial: false });
  }
}
