import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../src/defender/Deadline.ts';

const never = new AbortController().signal;

describe('a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends the first step when it takes too long, with a TimeoutError', () => {
    const { signal } = new Deadline(1_000, never);
    vi.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('gives every step its own time', () => {
    const deadline = new Deadline(1_000, never);
    for (let step = 0; step < 5; step += 1) {
      vi.advanceTimersByTime(900);
      deadline.restart();
    }
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(deadline.signal.aborted).toBe(true);
  });

  it('does not count the time between steps', () => {
    const deadline = new Deadline(1_000, never);
    deadline.pause();
    vi.advanceTimersByTime(3_600_000);
    expect(deadline.signal.aborted).toBe(false);
  });

  it('follows the signal of whoever set it, with the reason', () => {
    const parent = new AbortController();
    const deadline = new Deadline(1_000, parent.signal);
    const reason = new Error('the run is over');
    parent.abort(reason);
    expect(deadline.signal.reason).toBe(reason);
  });

  it('has passed from the start when that signal had', () => {
    expect(new Deadline(1_000, AbortSignal.abort()).signal.aborted).toBe(true);
  });

  it('ends what still uses it when it is cancelled, and leaves no timer behind', () => {
    const deadline = new Deadline(1_000, never);
    deadline.cancel();
    expect(deadline.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
