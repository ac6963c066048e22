import { describe, expect, it } from 'vitest';
import { HeldTurn, latestOf } from '../../src/devices/HeldTurn.ts';
import { DeviceTurns } from '../../src/operations/DeviceTurns.ts';
import { deviceId, START } from '../support/createTestActions.ts';
import { OPERATION_ID, operationOf } from '../support/devices.ts';
import { MemoryTable } from '../support/MemoryTable.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const never = new AbortController().signal;

async function open() {
  const clock = new VirtualClock(START);
  const table = new MemoryTable();
  const turns = new DeviceTurns(() => Promise.resolve(table.client()), clock);
  const take = async (owner: string) => {
    const turn = await turns.take(deviceId(1), owner, never);
    return turn && new HeldTurn(turns, turn);
  };
  const held = await take('a');
  if (!held) throw new Error('the turn is taken');
  return { clock, held, take };
}

describe('a turn that is held', () => {
  it('remembers at once, and the rest when it is given back', async () => {
    const { held, take, clock } = await open();
    expect(await held.remember({ cancelling: ['x'] }, never)).toBe(true);
    held.keep({ cancelled: ['x'] });
    expect(held.state).toMatchObject({ cancelling: ['x'], cancelled: ['x'] });
    expect(await take('b')).toBeUndefined();
    await held.giveBack(never);
    expect((await take('b'))?.state).toMatchObject({ cancelling: ['x'], cancelled: ['x'] });
    clock.advance(1);
  });

  it('says so when it ran out, and leaves what the next one wrote', async () => {
    const { held, take, clock } = await open();
    clock.advance(3 * 60_000);
    const next = await take('b');
    await next?.remember({ cancelling: ['next'] }, never);
    expect(await held.remember({ cancelling: ['late'] }, never)).toBe(false);
    held.keep({ cancelled: ['late'] });
    await held.giveBack(never);
    expect(await take('c')).toBeUndefined();
    await next?.giveBack(never);
    expect((await take('c'))?.state).toMatchObject({ cancelling: ['next'], cancelled: [] });
  });
});

describe('the request that counts', () => {
  const earlier = { operationId: 'other', createdAt: START - 1, action: 'release' };
  const later = { ...earlier, createdAt: START + 1 };
  const own = { operationId: OPERATION_ID, createdAt: START, action: 'isolate' };
  it.each([
    ['the first one', undefined, own],
    ['one that was accepted later than the last', earlier, own],
    ['the last, when another one was accepted earlier and sent later', later, later],
  ])('is %s', (_what, lastSent, expected) => {
    expect(latestOf(lastSent, operationOf())).toEqual(expected);
  });
});
