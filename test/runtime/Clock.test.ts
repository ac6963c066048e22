import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/Clock.ts';

const never = new AbortController().signal;

describe('the system clock', () => {
  it('sleeps at least as long as told', async () => {
    const before = performance.now();
    await systemClock.sleep(30, never);
    // Timers of Node may fire up to a millisecond early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(29);
  });

  it('wakes at once when the signal is aborted, with the reason of the signal', async () => {
    const reason = new Error('the run is over');
    const controller = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
