import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../local/host/timerSchedule.ts';

function nextDue(expression: string, after: string): string {
  return new Date(parseSchedule(expression).next(Date.parse(after))).toISOString();
}

describe('a schedule', () => {
  it.each([
    ['0 */5 * * * *', '2026-01-01T00:05:00Z', '2026-01-01T00:10:00.000Z'],
    ['0 */5 * * * *', '2026-01-01T00:04:59.999Z', '2026-01-01T00:05:00.000Z'],
    ['*/2 * * * * *', '2026-01-01T00:00:02.003Z', '2026-01-01T00:00:04.000Z'],
    // Five fields have no seconds.
    ['30 4 * * *', '2026-01-01T00:00:00Z', '2026-01-01T04:30:00.000Z'],
    ['0 5/20 * * * *', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00.000Z'],
    ['0 0 9 * Jan Mon-Fri', '2026-01-02T09:00:00Z', '2026-01-05T09:00:00.000Z'],
    // Both day fields must hold: the first of a month that is a Monday.
    ['0 0 0 1 * 1', '2026-01-02T00:00:00Z', '2026-06-01T00:00:00.000Z'],
    ['00:30:00', '2026-01-01T00:00:10.500Z', '2026-01-01T00:30:10.500Z'],
  ])('%s after %s is due at %s (UTC)', (expression, after, due) => {
    expect(nextDue(expression, after)).toBe(due);
  });

  it.each([
    '',
    'hourly',
    '* * * *',
    '60 * * * * *',
    '0 0 0 L * *',
    '0 0 0 ? * *',
    '0 0 0 * * 7',
    '0 0 0 * * 1#2',
    '24:00:00',
  ])('"%s" is not recognized, as on the real host', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(
      /was not recognized as a valid cron expression or timespan/,
    );
  });

  it.each([
    ['*/10 * * * * *', true],
    ['0,30 * * * * *', true],
    ['0 * * * * *', false],
    ['* 0 * * * *', false],
    ['* * * * *', false],
    ['00:00:30', true],
    ['00:01:00', false],
  ])('%s is due more than once a minute: %s', (expression, expected) => {
    expect(parseSchedule(expression).isSubMinute).toBe(expected);
  });
});
