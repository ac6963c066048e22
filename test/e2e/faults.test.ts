import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { field, System, versionsIn, versionsOf } from './support/System.ts';

let system: System;
beforeEach(async () => {
  system = await System.start();
});
afterEach(async () => {
  await system.stop();
});

/** Alerts a minute apart, so that halving can tell them apart. */
async function addSpreadAlerts(count: number) {
  const alerts = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      return system.addAlerts({ lastUpdateTime: new Date(Date.now() - (index + 1) * 61_000).toISOString() });
    }),
  );
  return alerts.flat();
}

describe('pulling while Defender fails', () => {
  it('hands over an alert whose evidence cannot be read without it, and all others whole', async () => {
    const alerts = await addSpreadAlerts(8);
    const bad = alerts[3]?.id ?? '';
    await system.addFault({
      service: 'defender',
      match: { queryContains: 'expand', alertInResult: bad },
      effect: { status: 500 },
    });
    const functions = await system.startFunctions({
      ALERT_QUOTA_SHARE: '100',
      ALERT_FIRST_LOOKBACK: 'PT15M',
    });
    const line = await functions.pull();
    expect(line).toContain('event=alert_pull_finished');
    expect(field(line, 'gaps')).toBe('0');

    const handed = await system.drain();
    expect(versionsOf(handed)).toEqual(versionsIn(alerts));
    expect(handed.filter(({ evidenceOmitted }) => evidenceOmitted).map(({ alertId }) => alertId)).toEqual([
      bad,
    ]);
  }, 90_000);

  it('sets a window that always fails aside, hands over the rest, and reads it once it works again', async () => {
    const alerts = await addSpreadAlerts(5);
    const bad = alerts[2]?.id ?? '';
    const fault = await system.addFault({
      service: 'defender',
      match: { alertInResult: bad, queryContains: 'filter' },
      effect: { status: 503 },
    });
    const functions = await system.startFunctions({
      ALERT_QUOTA_SHARE: '100',
      ALERT_FIRST_LOOKBACK: 'PT15M',
    });
    const line = await functions.pull();
    expect(field(line, 'gaps')).toBe('1');
    const others = alerts.filter(({ id }) => id !== bad);
    expect(versionsOf(await system.drain())).toEqual(versionsIn(others));
    expect(system.log.some((logged) => logged.includes('event=alert_gap_stuck'))).toBe(true);

    await system.control('DELETE', `/faults/${fault}`);
    await functions.pull();
    // The gap is not due yet, and what lies around it is not read again in its place.
    expect(await system.drain()).toEqual([]);
    await system.makeGapsDue();
    expect(field(await functions.pull(), 'gaps')).toBe('0');
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts.filter(({ id }) => id === bad)));
  }, 90_000);

  it('blames no window while Defender is down, and goes on where it was', async () => {
    const alerts = await addSpreadAlerts(3);
    const functions = await system.startFunctions();
    const fault = await system.addFault({ service: 'defender', effect: { status: 503 } });
    const line = await functions.pull();
    expect(line).toContain('event=alert_pull_paused');
    expect(field(line, 'reason')).toBe('unavailable');
    await system.control('DELETE', `/faults/${fault}`);
    expect(field(await functions.pull(), 'gaps')).toBe('0');
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
  }, 60_000);

  it.each(['seconds', 'date'])('waits as long as Retry-After asks when it is given as %s', async (as) => {
    const alerts = await addSpreadAlerts(2);
    await system.addFault({ service: 'defender', times: 1, effect: { throttle: { retryAfter: 3, as } } });
    const functions = await system.startFunctions();
    const line = await functions.pull();
    expect(line).toContain('event=alert_pull_finished');
    // A date has no fraction of a second, so it may ask for up to a second less.
    expect(Number(field(line, 'ms'))).toBeGreaterThanOrEqual(as === 'seconds' ? 3_000 : 2_000);
    const [throttled, next] = await system.defenderCalls();
    expect([throttled?.status, next?.status]).toEqual([429, 200]);
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
  });

  it('stops when Retry-After goes beyond its time, and does not call before it is over', async () => {
    const functions = await system.startFunctions();
    await functions.pull();
    await system.addFault({
      service: 'defender',
      times: 1,
      effect: { throttle: { retryAfter: 3600, as: 'seconds' } },
    });
    expect(field(await functions.pull(), 'reason')).toBe('throttled');
    const callsBefore = (await system.defenderCalls()).length;
    expect(field(await functions.pull(), 'reason')).toBe('throttled');
    expect((await system.defenderCalls()).length).toBe(callsBefore);
  });

  it('reads a page again that was cut off, and repeats nothing of it', async () => {
    const alerts = await system.addAlerts({ count: 250, evidenceItems: 1 });
    await system.advance();
    await system.addFault({
      service: 'defender',
      match: { queryContains: 'filter' },
      times: 1,
      effect: { truncateAfterBytes: 300_000 },
    });
    const functions = await system.startFunctions();
    const line = await functions.pull();
    expect(field(line, 'gaps')).toBe('0');
    expect(Number(field(line, 'read'))).toBeGreaterThan(250);
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
  }, 60_000);

  it('leaves the watermark where it is while Defender answers only in part', async () => {
    const alerts = await addSpreadAlerts(6);
    const functions = await system.startFunctions();
    await system.addFault({
      service: 'defender',
      match: { queryContains: 'filter' },
      times: 1,
      effect: { partial: true },
    });
    const line = await functions.pull();
    expect(field(line, 'reason')).toBe('partial');
    await functions.pull();
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
  });

  it('names the missing permission and leaves the checkpoint untouched', async () => {
    const functions = await system.startFunctions();
    await functions.pull();
    const before = await system.readCheckpoint();
    await system.control('POST', '/entra/roles', {
      principal: system.simulator.company.userAssignedPrincipalId,
      resource: 'WindowsDefenderATP',
      role: 'Alert.Read.All',
      granted: false,
    });
    await system.control('DELETE', '/identity/cache');
    const fresh = await system.startFunctions();
    await system.addAlerts();
    await system.advance();
    const line = await fresh.pull();
    expect(line).toContain('event=alert_pull_failed');
    expect(line).toContain('code=defender_permission_missing');
    expect(line).toContain('Alert.Read.All');
    const { watermark, gaps, startedFrom } = await system.readCheckpoint();
    expect({ watermark, gaps, startedFrom }).toEqual({
      watermark: before.watermark,
      gaps: before.gaps,
      startedFrom: before.startedFrom,
    });
    expect(await system.drain()).toEqual([]);
  });
});
