import type { AlertSource, SourceCall } from '../alerts/AlertSource.ts';
import { PullPaused } from '../alerts/PullPaused.ts';
import type { Clock } from '../runtime/Clock.ts';

/**
 * A source whose calls are cut off at the deadline. The pull takes that for the end of its time, and goes on from its
 * checkpoint in the next round: no answer that never comes keeps the others from theirs.
 */
export function untilDeadline(inner: AlertSource, deadline: number, clock: Clock): AlertSource {
  const limited = async <T>(call: SourceCall, work: (limitedCall: SourceCall) => Promise<T>): Promise<T> => {
    const cut = new AbortController();
    const done = new AbortController();
    clock.sleep(Math.max(0, deadline - clock.now()), done.signal).then(
      () => {
        cut.abort();
      },
      () => undefined,
    );
    try {
      return await work({ ...call, signal: AbortSignal.any([call.signal, cut.signal]) });
    } catch (error) {
      throw cut.signal.aborted && !call.signal.aborted ? new PullPaused('time', error) : error;
    } finally {
      done.abort();
    }
  };
  return {
    name: inner.name,
    callLimits: inner.callLimits,
    readClock: (call) => limited(call, (ended) => inner.readClock(ended)),
    readPage: (query, observe, call) => limited(call, (ended) => inner.readPage(query, observe, ended)),
  };
}
