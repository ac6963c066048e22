import type { PageElement } from '../defender/PageSplitter.ts';
import type { Ticks } from './ticks.ts';
import type { TimeWindow } from './TimeWindow.ts';

export interface PageQuery {
  readonly window: TimeWindow;
  /** How many alerts to ask for. */
  readonly top: number;
  readonly skip: number;
  readonly evidence: boolean;
}

/** How a page ended. */
export interface PageEnd {
  readonly count: number;
  /** The service says that there is more than this page. */
  readonly hasMore: boolean;
  /** The service says that this answer leaves something out. */
  readonly isPartial: boolean;
}

/** What a call to a source needs from its caller. */
export interface SourceCall {
  readonly signal: AbortSignal;
  /** Awaited before every HTTP request that is sent. */
  readonly beforeSend: () => Promise<void>;
}

/**
 * Where alerts come from. All pages select on the last update, lower bound inclusive, upper bound exclusive; in which
 * order a page gives its alerts is unknown.
 */
export interface AlertSource {
  /** Names the source in checkpoints and envelopes. */
  readonly name: string;
  /** Calls that the service allows the application in this tenant. */
  readonly callLimits: { readonly perMinute: number; readonly perHour: number };

  /** The service's own clock, rounded down: no alert can have been updated at or after it. */
  readClock(call: SourceCall): Promise<Ticks>;

  /** Gives the page's alerts one by one; nothing can be concluded from them before the promise resolves. */
  readPage(
    query: PageQuery,
    observe: (element: PageElement) => Promise<void>,
    call: SourceCall,
  ): Promise<PageEnd>;
}
