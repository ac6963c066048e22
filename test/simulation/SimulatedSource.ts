import type { AlertSource, PageEnd, PageQuery, SourceCall } from '../../src/alerts/AlertSource.ts';
import { fromUnixMs, type Ticks } from '../../src/alerts/ticks.ts';
import { DefenderAnswerUnreadable } from '../../src/defender/DefenderAnswerUnreadable.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import type { PageElement } from '../../src/defender/PageSplitter.ts';
import type { VirtualClock } from '../support/VirtualClock.ts';
import type { World } from './World.ts';

export interface SourceFaults {
  /** Chance that a call fails in some way; 0 turns all chance off. */
  chance: number;
  /** Pages that would hold one of these alerts with evidence fail always. */
  readonly poisonous: ReadonlySet<string>;
  /** Nothing is answered until then; milliseconds of the host's clock. */
  downUntil: number;
}

export interface SimulatedSourceInit {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly faults: SourceFaults;
  /** How far the service's clock is ahead of the host's. */
  readonly clockSkewMs: number;
}

/** The service in virtual time: pages in no particular order, quotas counted, failures by chance. */
export class SimulatedSource implements AlertSource {
  readonly name = 'endpoint';
  readonly callLimits = { perMinute: 100, perHour: 1500 };
  /** When each call came in; milliseconds of the host's clock. */
  readonly calls: number[] = [];
  readonly #init: SimulatedSourceInit;

  constructor(init: SimulatedSourceInit) {
    this.#init = init;
  }

  serviceNow(): number {
    return this.#init.clock.now() + this.#init.clockSkewMs;
  }

  async readClock(call: SourceCall): Promise<Ticks> {
    await this.#enter(call);
    return fromUnixMs(Math.floor(this.serviceNow() / 1000) * 1000);
  }

  async readPage(
    { window, top, skip, evidence }: PageQuery,
    observe: (element: PageElement) => Promise<void>,
    call: SourceCall,
  ): Promise<PageEnd> {
    const { world, random, faults } = this.#init;
    await this.#enter(call);
    const now = this.serviceNow();
    const matches = world.alerts
      .flatMap((alert) => {
        const version = world.shown(alert, now);
        const isInside = version && version.ticks >= window.from && version.ticks < window.to;
        return isInside ? [{ alert, version, order: orderOf(alert.id) }] : [];
      })
      .sort((a, b) => a.order - b.order)
      .slice(skip, skip + top);
    if (evidence && matches.some(({ alert }) => faults.poisonous.has(alert.id))) throw httpError(500);

    const isTruncated = random() < faults.chance / 4;
    const isPartial = random() < faults.chance / 8;
    const kept = isPartial ? matches.filter(() => random() < 0.5) : matches;
    const stopAfter = isTruncated ? Math.floor(random() * (kept.length + 1)) : Infinity;
    let count = 0;
    for (const { alert, version } of kept) {
      if (count >= stopAfter) break;
      const bytes = Buffer.from(world.render(alert, version), 'utf8');
      await observe({ bytes, totalBytes: bytes.length });
      count += 1;
    }
    if (isTruncated) throw new DefenderAnswerUnreadable('Read alerts', 'it was cut off');
    return { count, hasMore: false, isPartial };
  }

  async #enter({ beforeSend }: SourceCall): Promise<void> {
    const { clock, random, faults } = this.#init;
    await beforeSend();
    this.calls.push(clock.now());
    clock.advance(20 + random() * 200);
    if (clock.now() < faults.downUntil) throw new DefenderUnreachable('Read alerts', new Error('down'));
    if (random() >= faults.chance) return;
    const kind = random();
    if (kind < 0.3) throw httpError(503);
    if (kind < 0.5) throw httpError(429, 5_000 + random() * 60_000);
    if (kind < 0.55) throw httpError(429, 30 * 60_000);
    clock.advance(60_000);
    throw new DefenderUnreachable('Read alerts', new DOMException('slow', 'TimeoutError'));
  }
}

function orderOf(id: string): number {
  return Buffer.from(id).reduce((hash, byte) => (Math.imul(hash, 31) + byte) >>> 0, 7);
}

function httpError(serviceStatus: number, retryAfterMs?: number): DefenderHttpError {
  return new DefenderHttpError({
    operation: 'Read alerts',
    serviceStatus,
    serviceCode: 'Simulated',
    requestId: undefined,
    retryAfterMs,
  });
}
