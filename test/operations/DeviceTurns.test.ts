import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeviceTurns, NEW_DEVICE, type Turn } from '../../src/operations/DeviceTurns.ts';
import { deviceId, START } from '../support/createTestActions.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;
const TURN_MS = 3 * 60_000;
const SECOND_MS = 1_000;

const storage = useLossyStorage('Table');
let table: TableClient;
let clock: VirtualClock;
let turns: DeviceTurns;

beforeEach(async () => {
  table = await storage.clients().table();
  clock = new VirtualClock(START);
  turns = instance();
});

/** The turns as another instance of the app sees them, whose clock may be ahead. */
function instance(skewMs = 0): DeviceTurns {
  const own = { now: () => clock.now() + skewMs, sleep: () => Promise.resolve() };
  return new DeviceTurns(() => Promise.resolve(table), own);
}

const take = (owner: string, by = turns, device = deviceId(1)) => by.take(device, owner, never);

async function mustTake(owner: string, by = turns): Promise<Turn> {
  const turn = await take(owner, by);
  if (!turn) throw new Error('somebody else has the turn');
  return turn;
}

describe("a device's turn", () => {
  it('is had by one at a time, and is free again when it is given back', async () => {
    const turn = await mustTake('a');
    expect(await take('b')).toBeUndefined();
    expect(await take('a')).toBeUndefined();
    await turns.giveBack(turn, never);
    expect(await take('b')).toMatchObject({ owner: 'b' });
  });

  it('is had by one of many that ask at once, over several instances', async () => {
    for (let round = 0; round < 3; round += 1) {
      const asking = Array.from({ length: 12 }, (_, number) => take(`owner-${number}`, instance()));
      const won = (await Promise.all(asking)).filter((turn) => turn !== undefined);
      expect(won).toHaveLength(1);
      if (won[0]) await turns.giveBack(won[0], never);
    }
  });

  it('is one for each device', async () => {
    expect(await take('a')).toBeDefined();
    expect(await take('b', turns, deviceId(2))).toBeDefined();
  });

  it('runs out after three minutes, and is prolonged by what is remembered', async () => {
    const turn = await mustTake('a');
    clock.advance(TURN_MS - 1);
    const longer = await turns.remember(turn, NEW_DEVICE, never);
    expect(longer).toBeDefined();
    clock.advance(TURN_MS - 1);
    expect(await take('b')).toBeUndefined();
    clock.advance(1);
    expect(await take('b')).toBeDefined();
  });

  it('is lost to whoever had it before', async () => {
    const late = await mustTake('a');
    clock.advance(TURN_MS);
    const turn = await mustTake('b');
    expect(await turns.remember(late, { ...NEW_DEVICE, cancelling: ['late'] }, never)).toBeUndefined();
    await turns.giveBack(late, never);
    expect(await take('c')).toBeUndefined();
    await turns.giveBack(turn, never);
    expect((await take('c'))?.state).toEqual(NEW_DEVICE);
  });

  it.each([1, 500, 20 * SECOND_MS, 4 * 60 * SECOND_MS])(
    'is respected by an instance whose clock is %i ms behind',
    async (skewMs) => {
      const turn = await mustTake('a', instance(skewMs));
      expect(await take('b')).toBeUndefined();
      expect(await instance(skewMs).remember(turn, NEW_DEVICE, never)).toBeDefined();
      expect(await take('b')).toBeUndefined();
    },
  );

  it('is not waited for when a clock was wrong by far', async () => {
    await mustTake('a', instance(24 * 3_600 * SECOND_MS));
    expect(await take('b')).toBeDefined();
  });

  it('is had although the answer was lost', async () => {
    storage.proxy.loseNextAnswerTo('POST');
    const first = await mustTake('a');
    await turns.giveBack(first, never);
    storage.proxy.loseNextAnswerTo('PUT');
    const second = await mustTake('b');
    storage.proxy.loseNextAnswerTo('PUT');
    expect(await turns.remember(second, { ...NEW_DEVICE, cancelling: ['x'] }, never)).toBeDefined();
    expect(await take('c')).toBeUndefined();
  });
});

describe('what is remembered of a device', () => {
  const state = {
    lastSent: { operationId: 'o', createdAt: START, action: 'release' },
    lastAsked: { operationId: 'o', at: START },
    cancelling: ['x', 'y'],
    cancelled: ['x'],
  };

  it('is there for the next one, also when the turn just ran out', async () => {
    await turns.remember(await mustTake('a'), state, never);
    clock.advance(TURN_MS);
    expect((await mustTake('b')).state).toEqual(state);
  });

  it('is what was changed last when the turn is given back', async () => {
    const turn = await mustTake('a');
    await turns.giveBack({ ...turn, state }, never);
    expect((await mustTake('b')).state).toEqual(state);
  });

  it('stays small', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `action-${index}`);
    await turns.giveBack(
      { ...(await mustTake('a')), state: { ...state, cancelling: ids, cancelled: ids } },
      never,
    );
    const { cancelling, cancelled } = (await mustTake('b')).state;
    expect(cancelling).toEqual(ids.slice(-20));
    expect(cancelled).toEqual(ids.slice(-20));
  });

  it('of an earlier release lacks nothing', async () => {
    await turns.giveBack(await mustTake('a'), never);
    const row = await findRow();
    await table.updateEntity({ ...row, state: '{"cancelling":["x"]}' }, 'Merge');
    expect((await mustTake('b')).state).toEqual({ ...NEW_DEVICE, cancelling: ['x'] });
  });

  it('must be readable: otherwise nobody gets the turn', async () => {
    await turns.giveBack(await mustTake('a'), never);
    await table.updateEntity({ ...(await findRow()), state: '{' }, 'Merge');
    await expect(take('b')).rejects.toMatchObject({ code: 'storage_error' });
  });
});

async function findRow(): Promise<{ partitionKey: string; rowKey: string }> {
  for await (const { partitionKey = '', rowKey = '' } of table.listEntities())
    return { partitionKey, rowKey };
  throw new Error('no row');
}

it('a turn is nobody’s when storage fails', async () => {
  table = await storage.clients({ tries: 1 }).table();
  storage.proxy.failNext('GET', 503);
  await expect(take('a')).rejects.toMatchObject({ code: 'storage_error' });
  const turn = await mustTake('a');
  storage.proxy.failNext('PUT', 503);
  await expect(turns.remember(turn, NEW_DEVICE, never)).rejects.toMatchObject({ code: 'storage_error' });
  storage.proxy.failNext('PUT', 503);
  await expect(turns.giveBack(turn, never)).rejects.toMatchObject({ code: 'storage_error' });
  expect(await take('b')).toBeUndefined();
});
