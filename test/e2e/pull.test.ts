import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { field, System, until, versionsIn, versionsOf } from './support/System.ts';

let system: System;
beforeEach(async () => {
  system = await System.start();
});
afterEach(async () => {
  await system.stop();
});

describe('pulling alerts through the built app', () => {
  it.each(['managedIdentity', 'clientSecret'])(
    'hands over every version once with %s, over an update and a restart',
    async (DEFENDER_CREDENTIAL) => {
      const alerts = await system.addAlerts({ count: 30 });
      await system.advance();
      const first = await system.startFunctions({ DEFENDER_CREDENTIAL });
      const line = await first.pull();
      expect(line).toContain('event=alert_pull_finished');
      expect(field(line, 'handedOver')).toBe('30');
      expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
      await first.host.stop();

      const id = alerts[0]?.id ?? '';
      const changed = (await system.control('PATCH', `/alerts/${id}`, { status: 'Resolved' })) as {
        lastUpdateTime: string;
      };
      const [added] = await system.addAlerts();
      // Only what happened before the service's current second is read: the next second brings it.
      await system.advance();

      const second = await system.startFunctions({ DEFENDER_CREDENTIAL });
      await second.pull();
      await second.pull();
      const expected = versionsIn([
        ...(added ? [added] : []),
        { id, lastUpdateTime: changed.lastUpdateTime },
      ]);
      expect(versionsOf(await system.drain())).toEqual(expected);
    },
  );

  it('hands over 5,000 alerts with one timestamp at a page size of 1,000', async () => {
    const lastUpdateTime = new Date(Date.now() - 60_000).toISOString().replace('Z', '1234Z');
    const alerts = await system.addAlerts({ count: 5_000, lastUpdateTime, evidenceItems: 0 });
    const functions = await system.startFunctions({ ALERT_PAGE_SIZE: '1000' });
    const line = await functions.pull();
    expect(field(line, 'handedOver')).toBe('5000');
    // One call for the clock, one full page, then two passes of six pages over the tick and its two neighbours.
    expect(Number(field(line, 'calls'))).toBeLessThan(25);
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
  }, 120_000);

  it('hands over an alert that appears after its time was read', async () => {
    const functions = await system.startFunctions();
    await system.addAlerts({ count: 3 });
    const [late] = await system.addAlerts({ heldBackSeconds: 300 });
    await system.advance();
    await functions.pull();
    expect(await system.drain()).toHaveLength(3);

    await system.advance(301);
    await functions.pull();
    expect(versionsOf(await system.drain())).toEqual(versionsIn(late ? [late] : []));
  });

  it('hands over an alert that appears hours late, with the next sweep', async () => {
    const functions = await system.startFunctions();
    const [late] = await system.addAlerts({ heldBackSeconds: 4 * 3600 });
    await system.advance();
    await functions.pull();
    await system.advance(5 * 3600);
    await functions.pull();
    expect(versionsOf(await system.drain())).toEqual(versionsIn(late ? [late] : []));
  });

  it('hands over each version once when two processes pull on one checkpoint', async () => {
    const alerts = await system.addAlerts({ count: 400, evidenceItems: 1 });
    await system.advance();
    const [one, two] = await Promise.all([system.startFunctions(), system.startFunctions()]);
    await Promise.all([one.trigger('pullAlerts'), two.trigger('pullAlerts')]);
    await until(() => {
      const ended = system.log.filter((line) => /event=alert_pull_(finished|skipped|superseded)/.test(line));
      return ended.length === 2 ? ended : undefined;
    });
    expect(system.log.filter((line) => line.includes('event=alert_pull_finished'))).toHaveLength(1);
    expect(versionsOf(await system.drain())).toEqual(versionsIn(alerts));
  });

  it('passes on what it does not know, to the last digit', async () => {
    const raw =
      '{"id":"da1_1","lastUpdateTime":"2026-01-01T00:00:00.1Z","new":{"big":9007199254740993,"n":1.10}}';
    const lastUpdateTime = new Date(Date.now() - 60_000).toISOString();
    await system.addAlerts({ raw: raw.replace('2026-01-01T00:00:00.1Z', lastUpdateTime) });
    const functions = await system.startFunctions(system.withWebhook());
    await functions.pull();
    await until(() => system.receiver.deliveries[0]);
    const [blob] = await system.readBlobs('alerts');
    expect(blob).toContain('"new":{"big":9007199254740993,"n":1.10}');
  });

  it('keeps what cannot be handed over, with the reason, and goes on', async () => {
    const lastUpdateTime = new Date(Date.now() - 60_000).toISOString();
    const nameless = `{"title":"no id","lastUpdateTime":"${lastUpdateTime}"}`;
    await system.addAlerts({ raw: nameless });
    const [normal] = await system.addAlerts();
    await system.advance();
    const functions = await system.startFunctions();
    const line = await functions.pull();
    expect(field(line, 'quarantined')).toBe('1');
    expect(versionsOf(await system.drain())).toEqual(versionsIn(normal ? [normal] : []));
    const [kept = '{}'] = await system.readBlobs('quarantine');
    expect(JSON.parse(kept)).toMatchObject({ reason: 'no_id', text: nameless });
  });
});
