import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSince } from '../../src/functions/input/parseSince.ts';
import { toListAnswer, toReadQuery } from '../../src/functions/input/readQuery.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');

describe('since when', () => {
  it.each([
    ['PT48H', '2026-11-19T08:00:00.000Z'],
    ['P1DT12H', '2026-11-19T20:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T10:30:00+02:00', '2026-11-20T08:30:00.000Z'],
    ['2026-11-20T10:30:00.1234567Z', '2026-11-20T10:30:00.123Z'],
    // Nothing is older, and no service can be asked for more.
    ['P9999999999D', '1970-01-01T00:00:00.000Z'],
    ['0001-01-01', '1970-01-01T00:00:00.000Z'],
  ])('is what "%s" says', (text, expected) => {
    expect(new Date(parseSince(text, NOW)).toISOString()).toBe(expected);
  });

  it.each(['', 'P', 'PT', '48H', 'P1M', '2026-13-01', '2026-11-20T10:30:00', 'yesterday', '1763712000'])(
    'is not "%s"',
    (text) => {
      expect(() => parseSince(text, NOW)).toThrow(expect.objectContaining({ code: 'input_invalid' }));
    },
  );

  it('is always an instant that can be asked for, or refused, for any text of the documented form', () => {
    const text = fc.oneof(
      fc.stringMatching(/^P\d{1,20}DT\d{1,20}H\d{1,20}M\d{1,20}S$/),
      fc.stringMatching(
        /^\d{4}-[01]\d-[0-3]\d(T[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-][01]\d:[0-5]\d))?$/,
      ),
      fc.stringMatching(/^[0-9PTZDHMS.:+-]{1,40}$/),
    );
    fc.assert(
      fc.property(text, (since) => {
        let at: number;
        try {
          at = parseSince(since, NOW);
        } catch (error) {
          expect(error).toMatchObject({ code: 'input_invalid' });
          return;
        }
        expect(at).toBeGreaterThanOrEqual(0);
        // That there is such a date; what is no instant has none.
        expect(Date.parse(new Date(at).toISOString())).toBe(Math.trunc(at));
      }),
    );
  });
});

describe('a request for a list', () => {
  it('is passed on without what was not given', () => {
    const query = { since: 'PT1H', top: 5, severity: 'high', tenant: 'contoso' };
    const since = NOW - 3_600_000;
    expect(toReadQuery(query, NOW)).toEqual({ since, top: 5, severity: 'high', status: undefined });
  });

  it('is answered with the records under their name, and how many there are', () => {
    const limits = { pageSize: 50 };
    const answer = toListAnswer('incidents', { value: [1, 2], truncated: false, calls: 1, limits });
    expect(answer).toEqual({ incidents: [1, 2], count: 2, truncated: false, calls: 1, limits });
  });
});
