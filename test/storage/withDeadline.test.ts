import { afterEach, describe, expect, it, vi } from 'vitest';
import { withDeadline } from '../../src/storage/withDeadline.ts';

describe('the deadline of a storage call', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('follows the signal of the run, with its reason', () => {
    const run = new AbortController();
    const signal = withDeadline(run.signal);
    expect(signal.aborted).toBe(false);
    const reason = new Error('the run is over');
    run.abort(reason);
    expect(signal.reason).toBe(reason);
  });

  it('ends a call that takes longer than a minute', () => {
    const minute = new AbortController();
    // The timer of `AbortSignal.timeout` is Node's own and cannot be frozen.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      expect(ms).toBe(60_000);
      return minute.signal;
    });
    const signal = withDeadline(new AbortController().signal);
    minute.abort(new DOMException('The deadline passed.', 'TimeoutError'));
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });
});
