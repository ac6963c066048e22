import { expect, it } from 'vitest';
import { toIntervalMs } from '../../src/functions/input/toIntervalMs.ts';

const statusOf = (last: string, next: string) => ({
  scheduleStatus: { last, next, lastUpdated: last },
});

it('is what lies between the last two due moments', () => {
  expect(toIntervalMs(statusOf('2026-11-21T11:55:00+00:00', '2026-11-21T12:00:00+00:00'))).toBe(300_000);
});

it.each([
  ['the host keeps no status', {}],
  ['it is the first call', statusOf('0001-01-01T00:00:00+00:00', '2026-11-21T12:00:00+00:00')],
  ['the app was stopped for long', statusOf('2026-11-01T00:00:00+00:00', '2026-11-21T12:00:00+00:00')],
  ['nothing makes sense', statusOf('x', 'y')],
])('is not known when %s', (_why, timer) => {
  expect(toIntervalMs(timer)).toBeUndefined();
});
