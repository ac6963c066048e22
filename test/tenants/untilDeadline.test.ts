import { expect, it } from 'vitest';
import type { AlertSource, SourceCall } from '../../src/alerts/AlertSource.ts';
import { PullPaused } from '../../src/alerts/PullPaused.ts';
import { systemClock as clock } from '../../src/runtime/Clock.ts';
import { untilDeadline } from '../../src/tenants/untilDeadline.ts';

/** Answers only when its call is ended. */
const silent: AlertSource = {
  name: 'silent',
  callLimits: { perMinute: 1, perHour: 1 },
  readClock: ({ signal }: SourceCall) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    }),
  readPage: () => Promise.resolve({ count: 3, hasMore: false, isPartial: false }),
};
const callOf = (signal: AbortSignal) => ({ signal, beforeSend: () => Promise.resolve() });
const never = new AbortController().signal;
const QUERY = { window: { from: 0n, to: 1n }, top: 1, skip: 0, evidence: true };

it('ends a call at the deadline, as if the time had been over before', async () => {
  const source = untilDeadline(silent, clock.now() + 20, clock);
  const call = source.readClock(callOf(never));
  await expect(call).rejects.toBeInstanceOf(PullPaused);
  await expect(call).rejects.toMatchObject({ reason: 'time' });
});

it('leaves a call alone that is answered in time, and what its caller aborts', async () => {
  const source = untilDeadline(silent, clock.now() + 60_000, clock);
  expect(await source.readPage(QUERY, () => Promise.resolve(), callOf(never))).toMatchObject({ count: 3 });
  const call = source.readClock(callOf(AbortSignal.timeout(10)));
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
});
