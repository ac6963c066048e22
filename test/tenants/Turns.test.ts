import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AlertSource } from '../../src/alerts/AlertSource.ts';
import { Turn, Turns } from '../../src/tenants/Turns.ts';
import { elementOf } from '../support/alerts.ts';
import { EventClock } from '../support/EventClock.ts';

const never = new AbortController().signal;
const call = { signal: never, beforeSend: () => Promise.resolve() };
const QUERY = { window: { from: 0n, to: 1n }, top: 1, skip: 0, evidence: true };

describe('turns', () => {
  it('are taken in the order in which they were asked for, never by more than there are places', async () => {
    const clock = new EventClock(0);
    const turns = new Turns(2);
    const order: number[] = [];
    let atWork = 0;
    const work = async (number: number) => {
      const turn = new Turn(turns, never);
      await turn.take();
      order.push(number);
      atWork += 1;
      expect(atWork).toBeLessThanOrEqual(2);
      await clock.sleep(10);
      atWork -= 1;
      turn.give();
    };
    await clock.run(Promise.all([0, 1, 2, 3, 4].map(work)));
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(clock.now()).toBe(30);
  });

  it('are not kept from others by somebody who was aborted while waiting', async () => {
    const turns = new Turns(1);
    const first = new Turn(turns, never);
    await first.take();
    const aborted = new AbortController();
    const second = new Turn(turns, aborted.signal).take();
    const third = new Turn(turns, never).take();
    aborted.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    first.give();
    await third;
    await expect(new Turn(turns, AbortSignal.abort(new Error('late'))).take()).rejects.toThrow('late');
  });

  it('go to others while their holder sleeps, or waits for an answer', async () => {
    const clock = new EventClock(0);
    const turns = new Turns(1);
    const slow = new Turn(turns, never);
    const source: AlertSource = {
      name: 'slow',
      callLimits: { perMinute: 1, perHour: 1 },
      readClock: async () => {
        await clock.sleep(60_000);
        return 0n;
      },
      readPage: async (_query, observe) => {
        await clock.sleep(60_000);
        await observe(elementOf('{}'));
        return { count: 1, hasMore: false, isPartial: false };
      },
    };
    const seen: string[] = [];
    const slowPull = async () => {
      await slow.take();
      await slow.clock(clock).sleep(60_000, never);
      await slow.source(source).readClock(call);
      const observe = async () => {
        seen.push(`page at ${clock.now()}`);
        await clock.sleep(1_000);
      };
      await slow.source(source).readPage(QUERY, observe, call);
      slow.give();
    };
    const others = async () => {
      for (let number = 0; number < 18; number += 1) {
        const turn = new Turn(turns, never);
        const askedAt = clock.now();
        await turn.take();
        await clock.sleep(1_000);
        // Nobody waits for somebody who only waits.
        expect(clock.now() - askedAt).toBe(1_000);
        turn.give();
        await clock.sleep(9_000);
      }
    };
    await clock.run(Promise.all([slowPull(), others()]));
    expect(seen).toEqual(['page at 180000']);
  });

  it('are taken again after a call that failed', async () => {
    const turns = new Turns(1);
    const turn = new Turn(turns, never);
    await turn.take();
    const source = turn.source({
      name: 'down',
      callLimits: { perMinute: 1, perHour: 1 },
      readClock: () => Promise.reject(new Error('down')),
      readPage: () => Promise.reject(new Error('down')),
    });
    await expect(source.readClock(call)).rejects.toThrow('down');
    await expect(source.readPage(QUERY, () => Promise.resolve(), call)).rejects.toThrow('down');
    const taken: string[] = [];
    const takeAs = (name: string) => new Turn(turns, never).take().then(() => taken.push(name));
    const other = takeAs('other');
    // All that can happen by now has happened.
    await setImmediate();
    expect(taken).toEqual([]);
    turn.give();
    // There is one place, however often it is given back.
    turn.give();
    await other;
    void takeAs('third');
    await setImmediate();
    expect(taken).toEqual(['other']);
  });
});
