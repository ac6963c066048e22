import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { ActionCap, type CapSettings } from '../../src/operations/ActionCap.ts';
import { START } from '../support/createTestActions.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const KEYS = { partitionKey: 'cap', rowKey: 'isolate' };

const storage = useLossyStorage('Table');
let table: TableClient;
let clock: VirtualClock;

beforeEach(async () => {
  clock = new VirtualClock(START);
  await open();
});

async function open(tries = 4): Promise<void> {
  table = await storage.clients({ tries }).table();
}

/** The cap as one instance of the app has it. */
function instance(settings: Partial<CapSettings> = {}): ActionCap {
  const caps = { capPerHour: 100, capPerCaller: 100, ...settings };
  return new ActionCap(() => Promise.resolve(table), caps, clock);
}

const idOf = (number: number) => number.toString(16).padStart(12, '0').padEnd(32, '0');
let next = 0;
/** One action of a new operation; 'taken', or the setting that refused it. */
async function take(cap: ActionCap, caller = 'soar', action = 'isolate'): Promise<string> {
  next += 1;
  return await takeAs(cap, idOf(next), caller, action);
}

async function takeAs(cap: ActionCap, id: string, caller = 'soar', action = 'isolate'): Promise<string> {
  try {
    await cap.take(action, caller, id, never);
    return 'taken';
  } catch (error) {
    return /ACTION_CAP_PER_\w+/.exec((error as Error).message)?.[0] ?? String(error);
  }
}

const countTaken = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === 'taken').length;

describe('the cap of actions', () => {
  it('lets so many begin in an hour, and tells when the next one may', async () => {
    const cap = instance({ capPerHour: 3 });
    for (let number = 0; number < 3; number += 1) {
      expect(await take(cap)).toBe('taken');
      clock.advance(10 * MINUTE_MS);
    }
    await expect(cap.take('isolate', 'soar', idOf(999), never)).rejects.toMatchObject({
      code: 'action_cap_reached',
      httpStatus: 429,
      retryAfterMs: 30 * MINUTE_MS,
      message: expect.stringContaining('ACTION_CAP_PER_HOUR') as string,
    });
    clock.advance(30 * MINUTE_MS - 1);
    expect(await take(cap)).toBe('ACTION_CAP_PER_HOUR');
    clock.advance(1);
    expect(await take(cap)).toBe('taken');
    expect(await take(cap)).toBe('ACTION_CAP_PER_HOUR');
  });

  it('holds for each caller as well, and one caller does not use up the share of another', async () => {
    const cap = instance({ capPerHour: 5, capPerCaller: 2 });
    expect(await take(cap, 'a')).toBe('taken');
    expect(await take(cap, 'a')).toBe('taken');
    expect(await take(cap, 'a')).toBe('ACTION_CAP_PER_CALLER');
    expect(await take(cap, 'b')).toBe('taken');
    expect(await take(cap, 'b')).toBe('taken');
    expect(await take(cap, 'c')).toBe('taken');
    expect(await take(cap, 'd')).toBe('ACTION_CAP_PER_HOUR');
  });

  it('counts isolations and releases apart', async () => {
    const cap = instance({ capPerHour: 1 });
    expect(await take(cap, 'a', 'isolate')).toBe('taken');
    expect(await take(cap, 'a', 'isolate')).toBe('ACTION_CAP_PER_HOUR');
    expect(await take(cap, 'a', 'release')).toBe('taken');
    expect([await cap.count('isolate', never), await cap.count('release', never)]).toEqual([1, 1]);
  });

  it('counts the same operation once, however often and by whichever instance it comes', async () => {
    const caps = [instance({ capPerHour: 2 }), instance({ capPerHour: 2 })];
    const id = idOf(500);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, number) => takeAs(caps[number % 2] ?? instance(), id)),
    );
    expect(countTaken(outcomes)).toBe(10);
    expect(await instance().count('isolate', never)).toBe(1);
    expect(await take(instance({ capPerHour: 2 }))).toBe('taken');
    // Also when the cap is reached meanwhile: it was counted.
    expect(await takeAs(instance({ capPerHour: 2 }), id)).toBe('taken');
  });

  it('is never passed by several instances at once', async () => {
    const settings = { capPerHour: 10, capPerCaller: 4 };
    const caps = Array.from({ length: 4 }, () => instance(settings));
    const attempts = Array.from({ length: 40 }, (_, number) => ({
      cap: caps[number % caps.length] ?? instance(settings),
      caller: `caller-${number % 5}`,
    }));
    const outcomes = await Promise.all(attempts.map(({ cap, caller }) => take(cap, caller)));
    expect(countTaken(outcomes)).toBe(10);
    for (let number = 0; number < 5; number += 1) {
      const own = outcomes.filter((_, index) => attempts[index]?.caller === `caller-${number}`);
      expect(countTaken(own)).toBeLessThanOrEqual(4);
    }
    expect(await instance().count('isolate', never)).toBe(10);
  });

  it('counts once when the answer was lost and the SDK repeated the write', async () => {
    const cap = instance({ capPerHour: 2 });
    storage.proxy.loseNextAnswerTo('POST');
    expect(await take(cap)).toBe('taken');
    storage.proxy.loseNextAnswerTo('PUT');
    expect(await take(cap)).toBe('taken');
    expect(await cap.count('isolate', never)).toBe(2);
    expect(await take(cap)).toBe('ACTION_CAP_PER_HOUR');
  });

  it('counts an action of an instance whose clock is ahead until its own hour is over', async () => {
    const ahead = new VirtualClock(START + 5 * MINUTE_MS);
    const other = new ActionCap(() => Promise.resolve(table), { capPerHour: 1, capPerCaller: 1 }, ahead);
    expect(await take(other)).toBe('taken');
    clock.advance(HOUR_MS);
    expect(await take(instance({ capPerHour: 1 }))).toBe('ACTION_CAP_PER_HOUR');
    clock.advance(5 * MINUTE_MS);
    expect(await take(instance({ capPerHour: 1 }))).toBe('taken');
  });

  it('has room for the largest cap', async () => {
    const at = START.toString(36);
    const entries = Array.from(
      { length: 499 },
      (_, number) => `${idOf(1_000_000 + number).slice(0, 12)}.${'c'.repeat(8)}.${at}`,
    );
    await table.createEntity({ ...KEYS, entries: entries.join(' ') });
    const cap = instance({ capPerHour: 500, capPerCaller: 500 });
    expect(await takeAs(cap, 'f'.repeat(32))).toBe('taken');
    expect(await cap.count('isolate', never)).toBe(500);
    expect(await take(cap)).toBe('ACTION_CAP_PER_HOUR');
  });
});

describe('a cap that cannot be checked', () => {
  it.each(['GET', 'POST'])('refuses when %s fails', async (method) => {
    await open(1);
    const cap = instance();
    storage.proxy.failNext(method, 503);
    await expect(cap.take('isolate', 'a', idOf(1), never)).rejects.toMatchObject({ code: 'storage_error' });
    expect(await cap.count('isolate', never)).toBe(0);
    // One failure does not hold up the next request.
    expect(await take(cap)).toBe('taken');
  });

  it.each([
    ['entries that are no text', { entries: 7 }],
    ['an entry without an instant', { entries: 'aaaaaaaaaaaa.bbbbbbbb' }],
    ['an entry with an odd instant', { entries: 'aaaaaaaaaaaa.bbbbbbbb.%%' }],
    ['something else altogether', { entries: 'hello' }],
    ['no entries', {}],
  ])('refuses when the row holds %s', async (_what, row) => {
    await table.createEntity(Object.assign({ ...KEYS }, row));
    expect(await take(instance())).not.toBe('taken');
  });
});
