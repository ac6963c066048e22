import type { AlertSource, PageEnd, PageQuery, SourceCall } from '../../src/alerts/AlertSource.ts';
import { fromUnixMs, type Ticks } from '../../src/alerts/ticks.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import type { PageElement } from '../../src/defender/PageSplitter.ts';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import type { EventClock } from '../support/EventClock.ts';
import type { World } from './World.ts';

/** What is wrong in a tenant: all the time, or now and then. */
export type TenantTrouble = 'throttled' | 'down' | 'slow' | 'hung' | 'noConsent' | 'flaky';

/** How long a call takes that is given up. */
const TIMEOUT_MS = 60_000;
const HOUR_MS = 60 * TIMEOUT_MS;

/** One tenant of many in virtual time, in which others go on while it keeps its callers waiting. */
export class TenantSource implements AlertSource {
  readonly name = 'endpoint';
  readonly callLimits = { perMinute: 100, perHour: 1500 };
  readonly #world: World;
  readonly #clock: EventClock;
  readonly #random: () => number;
  trouble: TenantTrouble | undefined;

  constructor(world: World, clock: EventClock, random: () => number) {
    this.#world = world;
    this.#clock = clock;
    this.#random = random;
  }

  async readClock(call: SourceCall): Promise<Ticks> {
    await this.#enter(call);
    return fromUnixMs(Math.floor(this.#clock.now() / 1000) * 1000);
  }

  async readPage(
    { window, top, skip }: PageQuery,
    observe: (element: PageElement) => Promise<void>,
    call: SourceCall,
  ): Promise<PageEnd> {
    await this.#enter(call);
    const now = this.#clock.now();
    const found = this.#world.alerts.flatMap((alert) => {
      const version = this.#world.shown(alert, now);
      const isInside = version && version.ticks >= window.from && version.ticks < window.to;
      return isInside ? [this.#world.render(alert, version)] : [];
    });
    const page = found.slice(skip, skip + top);
    for (const text of page) {
      const bytes = Buffer.from(text, 'utf8');
      await observe({ bytes, totalBytes: bytes.length });
    }
    return { count: page.length, hasMore: false, isPartial: false };
  }

  async #enter({ beforeSend, signal }: SourceCall): Promise<void> {
    if (this.trouble === 'noConsent') {
      await this.#clock.sleep(50);
      throw new CredentialRefused({
        subject: 'x',
        error: 'unauthorized_client',
        number: '700016',
        correlationId: undefined,
        cause: undefined,
      });
    }
    await beforeSend();
    await this.#clock.sleep(this.trouble === 'slow' ? 45_000 : 100);
    if (this.trouble === 'hung') {
      await Promise.race([this.#clock.sleep(HOUR_MS), aborted(signal)]);
      signal.throwIfAborted();
    }
    const isBad = this.trouble !== 'flaky' || this.#random() < 0.3;
    if (this.trouble === 'throttled') {
      throw new DefenderHttpError({
        operation: 'Read alerts',
        serviceStatus: 429,
        serviceCode: 'TooManyRequests',
        requestId: undefined,
        retryAfterMs: 5_000 + this.#random() * 200_000,
      });
    }
    if ((this.trouble === 'down' || this.trouble === 'flaky') && isBad) {
      await this.#clock.sleep(TIMEOUT_MS);
      throw new DefenderUnreachable('Read alerts', new DOMException('slow', 'TimeoutError'));
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
