import { describe, expect, it } from 'vitest';
import { createScheduleStatusStore, resumeSchedule } from '../../../local/host/scheduleStatus.ts';
import { parseSchedule } from '../../../local/host/timerSchedule.ts';
import { temporaryFolder } from './harness.ts';

const hourly = parseSchedule('0 0 * * * *');
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

describe('resuming a schedule', () => {
  it('without a status starts with the next moment', () => {
    expect(resumeSchedule(undefined, hourly, at('10:30:00'))).toEqual({
      status: { last: undefined, next: at('11:00:00'), lastUpdated: at('10:30:00') },
      isPastDue: false,
      changed: true,
    });
  });

  it('is past due when the stored moment has gone by, also before the first run', () => {
    const ran = { last: at('08:00:00'), next: at('09:00:00'), lastUpdated: at('08:00:00') };
    const neverRan = { last: undefined, next: at('09:00:00'), lastUpdated: at('08:10:00') };
    for (const stored of [ran, neverRan]) {
      expect(resumeSchedule(stored, hourly, at('10:30:00'))).toEqual({
        status: stored,
        isPastDue: true,
        changed: false,
      });
      expect(resumeSchedule(stored, hourly, at('08:59:59')).isPastDue).toBe(false);
    }
  });

  it('of another schedule is never past due', () => {
    const stored = { last: at('08:00:00'), next: at('08:05:00'), lastUpdated: at('08:00:00') };
    expect(resumeSchedule(stored, hourly, at('10:30:00'))).toMatchObject({
      status: { last: undefined, next: at('11:00:00') },
      isPastDue: false,
      changed: true,
    });
    expect(resumeSchedule(stored, hourly, at('08:30:00'))).toMatchObject({
      status: { last: undefined, next: at('09:00:00'), lastUpdated: at('08:00:00') },
      isPastDue: false,
    });
  });
});

it('a stored status is read back as it was written, and a timer without one has none', async () => {
  const store = createScheduleStatusStore(await temporaryFolder());
  const status = { last: undefined, next: at('09:00:00'), lastUpdated: at('08:10:00') };
  await store.write('pull', status);
  expect(await store.read('pull')).toEqual(status);
  await store.write('pull', { ...status, last: at('08:00:00') });
  expect(await store.read('pull')).toEqual({ ...status, last: at('08:00:00') });
  expect(await store.read('other')).toBeUndefined();
});
