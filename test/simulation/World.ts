import { formatTicks, fromUnixMs, TICKS_PER_MS, type Ticks } from '../../src/alerts/ticks.ts';

export interface WorldVersion {
  readonly ticks: Ticks;
  /** When the service begins to show it; milliseconds of the service's clock. */
  readonly visibleAt: number;
}

export interface WorldAlert {
  readonly id: string;
  /** Oldest first. */
  readonly versions: WorldVersion[];
}

export interface WorldPlan {
  readonly start: number;
  readonly end: number;
  readonly random: () => number;
  readonly alerts: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Alerts as they come up in a tenant: alone and in bursts, changed later, some shown late, some very late. */
export class World {
  readonly alerts: WorldAlert[] = [];

  constructor({ start, end, random, alerts }: WorldPlan) {
    const between = (from: number, to: number) => from + random() * (to - from);
    const tickAt = (ms: number) => {
      // Update times are rounded to 1/300 s, which takes all seven digits.
      return fromUnixMs(Math.floor(ms)) + (BigInt(Math.floor(random() * 300)) * TICKS_PER_MS * 1000n) / 300n;
    };
    const lateness = () => {
      const kind = random();
      if (kind < 0.7) return random() * 2_000;
      return kind < 0.95 ? between(2_000, 14 * MINUTE_MS) : between(14 * MINUTE_MS, 20 * HOUR_MS);
    };
    const appear = (ticks: Ticks, ms: number): WorldVersion => ({ ticks, visibleAt: ms + lateness() });

    while (this.alerts.length < alerts) {
      const bornAt = between(start, end);
      const burst = random() < 0.1 ? Math.ceil(random() * 60) : 1;
      const sharesTick = random() < 0.5;
      const sharedTick = tickAt(bornAt);
      for (let index = 0; index < burst; index += 1) {
        const versions = [appear(sharesTick ? sharedTick : tickAt(bornAt + index), bornAt)];
        for (let at = bornAt; random() < 0.35;) {
          at += between(1_000, 3 * HOUR_MS);
          if (at >= end) break;
          versions.push(appear(tickAt(at), at));
        }
        this.alerts.push({ id: `da${this.alerts.length}_${Math.floor(random() * 1e9)}`, versions });
      }
    }
  }

  /** The version that the service shows now, if it shows the alert at all. */
  shown(alert: WorldAlert, now: number): WorldVersion | undefined {
    return alert.versions.findLast(({ visibleAt }) => visibleAt <= now);
  }

  /** JSON of a version, its timestamps trimmed as the service trims them. */
  render({ id, versions }: WorldAlert, version: WorldVersion): string {
    const trim = (ticks: Ticks) => formatTicks(ticks).replace(/\.?0*Z$/, 'Z');
    const created = versions[0]?.ticks ?? version.ticks;
    return JSON.stringify({
      id,
      title: 'Suspicious "thing" \\ [seen], {again}',
      severity: 'High',
      alertCreationTime: trim(created),
      lastUpdateTime: trim(version.ticks),
      evidence: [],
    });
  }
}
