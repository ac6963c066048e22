import { describe, expect, it } from 'vitest';
import { createCheckpoint, type Checkpoint } from '../../src/alerts/Checkpoint.ts';
import { CheckpointHold, isHeld, type CheckpointHoldInit } from '../../src/alerts/CheckpointHold.ts';
import { CheckpointLost } from '../../src/alerts/CheckpointLost.ts';
import { ORIGIN, ticksOf } from '../support/alerts.ts';
import { MemoryCheckpoints } from '../support/memoryStores.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const never = new AbortController().signal;
const fresh = createCheckpoint(ticksOf('2026-11-19T12:00:00Z'), ticksOf('2026-11-21T12:00:00Z'));

function createHolds(init: Partial<CheckpointHoldInit> = {}) {
  const clock = new VirtualClock(START);
  const store = new MemoryCheckpoints();
  const read = async () => {
    const stored = await store.read(ORIGIN);
    if (!stored) throw new Error('nothing is stored');
    return stored;
  };
  /** Takes the checkpoint as the run `owner` does: as it is stored, or a new one. */
  const take = async (owner: string, checkpoint?: Checkpoint) => {
    const stored = await store.read(ORIGIN);
    const base = { store, origin: ORIGIN, owner, clock, signal: never, alongside: () => ({}) };
    return await CheckpointHold.take({ ...base, ...init }, checkpoint ?? stored?.checkpoint ?? fresh, stored);
  };
  return { clock, store, read, take };
}

describe('holding a checkpoint', () => {
  it('stores a new one at once, held for three minutes, as the first epoch', async () => {
    const { read, take } = createHolds();
    await take('run-1');
    expect(await read()).toMatchObject({
      checkpoint: fresh,
      lease: { epoch: 1, owner: 'run-1', until: START + 3 * MINUTE_MS },
    });
  });

  it('counts the runs that took it', async () => {
    const { clock, read, take } = createHolds();
    await take('run-1');
    clock.advance(4 * MINUTE_MS);
    await take('run-2');
    expect((await read()).lease).toMatchObject({ epoch: 2, owner: 'run-2' });
  });

  it('is won by exactly one of two runs that read the same state', async () => {
    const { store, clock, read, take } = createHolds();
    await (await take('run-1')).release({}, never);
    const stored = await read();
    const init = { store, origin: ORIGIN, clock, signal: never, alongside: () => ({}) };
    const racers = ['run-2', 'run-3'].map((owner) =>
      CheckpointHold.take({ ...init, owner }, stored.checkpoint, stored),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(failed?.reason).toBeInstanceOf(CheckpointLost);
  });

  it('is won by exactly one of two first runs', async () => {
    const { store, clock } = createHolds();
    const init = { store, origin: ORIGIN, clock, signal: never, alongside: () => ({}) };
    const racers = ['run-1', 'run-2'].map((owner) =>
      CheckpointHold.take({ ...init, owner }, fresh, undefined),
    );
    const outcomes = await Promise.allSettled(racers);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('stores what a commit changes, keeps the rest, and prolongs the lease', async () => {
    const { clock, read, take } = createHolds();
    const hold = await take('run-1');
    clock.advance(MINUTE_MS);
    await hold.commit({ watermark: ticksOf('2026-11-20T00:00:00Z') });
    expect(await read()).toMatchObject({
      checkpoint: { ...fresh, watermark: ticksOf('2026-11-20T00:00:00Z') },
      lease: { owner: 'run-1', until: START + 4 * MINUTE_MS },
    });
    expect(hold.checkpoint.watermark).toBe(ticksOf('2026-11-20T00:00:00Z'));
  });

  it('prolongs the lease once less than two minutes of it are left, and not before', async () => {
    const { clock, read, take } = createHolds();
    const hold = await take('run-1');
    clock.advance(MINUTE_MS);
    await hold.keep();
    expect((await read()).lease.until).toBe(START + 3 * MINUTE_MS);
    clock.advance(1);
    await hold.keep();
    expect((await read()).lease.until).toBe(START + 4 * MINUTE_MS + 1);
  });

  it('stores with every write what goes alongside, as it is then', async () => {
    const calls = [START];
    const { read, take } = createHolds({ alongside: () => ({ calls: [...calls] }) });
    const hold = await take('run-1');
    expect((await read()).checkpoint.calls).toEqual([START]);
    calls.push(START + 1_000);
    await hold.release({}, never);
    expect((await read()).checkpoint.calls).toEqual([START, START + 1_000]);
  });

  it('lets the next run take it at once after a release', async () => {
    const { read, take } = createHolds();
    const hold = await take('run-1');
    expect(isHeld(await read(), START)).toBe(true);
    await hold.release({ lastSuccess: START }, never);
    expect(isHeld(await read(), START)).toBe(false);
    expect((await read()).checkpoint.lastSuccess).toBe(START);
    expect((await read()).lease).toEqual({ epoch: 1, owner: undefined, until: START });
  });

  it('ends by itself when the lease has run out', async () => {
    const { read, take } = createHolds();
    await take('run-1');
    expect(isHeld(await read(), START + 3 * MINUTE_MS - 1)).toBe(true);
    expect(isHeld(await read(), START + 3 * MINUTE_MS)).toBe(false);
  });

  it('lets a run write nothing more once another one took it', async () => {
    const { clock, read, take } = createHolds();
    const late = await take('run-1');
    clock.advance(4 * MINUTE_MS);
    await take('run-2');
    const before = await read();
    await expect(late.commit({ watermark: 5n })).rejects.toThrow(CheckpointLost);
    await expect(late.keep()).rejects.toThrow(CheckpointLost);
    await expect(late.release({}, never)).rejects.toThrow(CheckpointLost);
    expect(await read()).toEqual(before);
  });

  it('does not claim a change that could not be stored', async () => {
    const { store, take } = createHolds();
    const hold = await take('run-1');
    store.rows.clear();
    await expect(hold.commit({ watermark: 5n })).rejects.toThrow(CheckpointLost);
    expect(hold.checkpoint.watermark).toBe(fresh.watermark);
  });
});
