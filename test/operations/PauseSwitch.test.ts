import type { TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { isStopped, PauseSwitch } from '../../src/operations/PauseSwitch.ts';
import { PAUSED, RUNNING } from '../support/createTestActions.ts';
import { useLossyStorage } from '../support/useLossyStorage.ts';

const never = new AbortController().signal;
const KEYS = { partitionKey: 'switch', rowKey: 'pause' };

const storage = useLossyStorage('Table');
let table: TableClient;
let pause: PauseSwitch;

beforeEach(async () => {
  table = await storage.clients({ tries: 1 }).table();
  pause = new PauseSwitch(() => Promise.resolve(table));
});

describe('the pause switch', () => {
  it('is off where nobody ever used it', async () => {
    expect(await pause.read(never)).toEqual(RUNNING);
  });

  it('is seen by every instance at once, on and off', async () => {
    const other = new PauseSwitch(() => Promise.resolve(table));
    const on = { ...PAUSED, allowsRelease: true, by: 'analyst', since: '2026-11-21T12:00:00Z' };
    await pause.write(on, never);
    expect(await other.read(never)).toEqual(on);
    await other.write(RUNNING, never);
    expect(await pause.read(never)).toEqual(RUNNING);
  });

  it.each([
    ['without a value', {}],
    ['with text for a value', { isPaused: 'false' }],
    ['with a number for a value', { isPaused: 0 }],
    ['with other properties only', { paused: false, allowsRelease: 'yes' }],
  ])('is on, for everything, when its row is %s', async (_what, row) => {
    await table.createEntity(Object.assign({ ...KEYS }, row));
    const state = await pause.read(never);
    expect(isStopped(state, 'isolate')).toBe(true);
    expect(isStopped(state, 'release')).toBe(true);
  });

  it('is not taken for off when it cannot be read', async () => {
    storage.proxy.failNext('GET', 503);
    await expect(pause.read(never)).rejects.toMatchObject({ code: 'storage_error' });
  });

  it('says so when it cannot be written', async () => {
    storage.proxy.failNext('PUT', 503);
    await expect(pause.write(PAUSED, never)).rejects.toMatchObject({ code: 'storage_error' });
  });
});

describe('what the switch stops', () => {
  it.each([
    [RUNNING, false, false],
    [PAUSED, true, true],
    [{ ...PAUSED, allowsRelease: true }, true, false],
    [{ ...RUNNING, allowsRelease: true }, false, false],
  ])('%j', (state, stopsIsolation, stopsRelease) => {
    expect(isStopped(state, 'isolate')).toBe(stopsIsolation);
    expect(isStopped(state, 'release')).toBe(stopsRelease);
  });
});
