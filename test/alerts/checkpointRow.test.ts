import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Checkpoint, Gap, Lease } from '../../src/alerts/Checkpoint.ts';
import { CheckpointUntrusted } from '../../src/alerts/CheckpointUntrusted.ts';
import { fromRow, toRow } from '../../src/alerts/checkpointRow.ts';
import type { TimeWindow } from '../../src/alerts/TimeWindow.ts';
import { MAX_STRING_PROPERTY_LENGTH } from '../../src/storage/limits.ts';
import { ORIGIN, ticksOf } from '../support/alerts.ts';

const HOUR_MS = 3_600_000;
const ticks = fc.bigInt({ min: 0n, max: ticksOf('9999-12-31T23:59:59.9999999Z') });
const ms = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') });

const window = fc.uniqueArray(ticks, { minLength: 2, maxLength: 2 }).map(([a = 0n, b = 1n]): TimeWindow => {
  return a < b ? { from: a, to: b } : { from: b, to: a };
});

const gaps = fc
  .uniqueArray(ticks, { maxLength: 12 })
  .map((edges) => [...edges].sort((a, b) => (a < b ? -1 : 1)))
  .chain((edges) => {
    const windows = edges.flatMap((from, index) => {
      const to = edges[index + 1];
      return to === undefined || index % 2 === 1 ? [] : [{ from, to }];
    });
    const paced = fc.record({ since: ms, attempts: fc.nat(), nextTryAt: ms });
    return fc.tuple(...windows.map((found) => paced.map((rest): Gap => ({ ...found, ...rest }))));
  });

const calls = fc
  .tuple(ms, fc.array(fc.nat({ max: HOUR_MS }), { maxLength: 30 }))
  .map(([first, offsets]) => offsets.sort((a, b) => a - b).map((offset) => first + offset));

const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  startedFrom: ticks,
  watermark: ticks,
  rereadFrom: ticks,
  gaps,
  sweptAt: ticks,
  sweep: fc.option(window, { nil: undefined }),
  calls,
  throttledUntil: fc.option(ms, { nil: undefined }),
  lastSuccess: fc.option(ms, { nil: undefined }),
});

const lease: fc.Arbitrary<Lease> = fc.record({
  epoch: fc.nat(),
  owner: fc.option(fc.uuid(), { nil: undefined }),
  until: ms,
});

const plain: Checkpoint = {
  startedFrom: ticksOf('2026-11-19T12:00:00Z'),
  watermark: ticksOf('2026-11-21T12:00:00.1234567Z'),
  rereadFrom: ticksOf('2026-11-21T11:45:00Z'),
  gaps: [
    {
      from: ticksOf('2026-11-20T01:00:00Z'),
      to: ticksOf('2026-11-20T02:00:00Z'),
      since: Date.parse('2026-11-20T03:00:00Z'),
      attempts: 2,
      nextTryAt: Date.parse('2026-11-20T03:05:00Z'),
    },
  ],
  sweptAt: ticksOf('2026-11-21T11:00:00Z'),
  sweep: { from: ticksOf('2026-11-20T12:00:00Z'), to: ticksOf('2026-11-21T11:45:00Z') },
  calls: [Date.parse('2026-11-21T11:59:00Z'), Date.parse('2026-11-21T11:59:30Z')],
  throttledUntil: Date.parse('2026-11-21T12:01:00Z'),
  lastSuccess: Date.parse('2026-11-21T11:59:59Z'),
};
const plainRow = toRow(ORIGIN, plain, {
  epoch: 7,
  owner: 'run-7',
  until: Date.parse('2026-11-21T12:03:00Z'),
});

const readWith = (changes: Record<string, unknown>) => () => fromRow(ORIGIN, { ...plainRow, ...changes });

describe('the row of a checkpoint', () => {
  it('gives back the checkpoint and the lease, whatever they are', () => {
    fc.assert(
      fc.property(checkpoint, lease, (original, holder) => {
        const read = fromRow(ORIGIN, { ...toRow(ORIGIN, original, holder) });
        expect(read.lease).toEqual(holder);
        // The times of calls are rounded; how is the next rule.
        expect({ ...read.checkpoint, calls: [] }).toEqual({ ...original, calls: [] });
        expect(read.checkpoint.calls).toHaveLength(original.calls.length);
      }),
      { numRuns: 300 },
    );
  });

  it('counts every call up to a second too long and never too short, however often it is stored again', () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 20 }), (made, times) => {
        let stored: readonly number[] = made;
        for (let time = 0; time < times; time += 1) {
          const row = toRow(ORIGIN, { ...plain, calls: stored }, { epoch: 1, owner: undefined, until: 0 });
          stored = fromRow(ORIGIN, { ...row }).checkpoint.calls;
        }
        stored.forEach((at, index) => {
          expect(at - (made[index] ?? NaN)).toBeGreaterThanOrEqual(0);
          expect(at - (made[index] ?? NaN)).toBeLessThan(1000);
        });
      }),
    );
  });

  it('fits into a table row with as many gaps and calls as there can be', () => {
    const from = ticksOf('2026-11-20T01:00:00.1234567Z');
    const [gap] = plain.gaps;
    if (!gap) throw new Error('no gap');
    const row = toRow(
      ORIGIN,
      {
        ...plain,
        gaps: Array.from({ length: 150 }, (_, index) => ({
          ...gap,
          from: from + BigInt(index) * 20_000n,
          to: from + BigInt(index) * 20_000n + 10_000n,
          attempts: 100_000,
        })),
        calls: Array.from({ length: 1500 }, (_, index) => Date.parse('2026-11-21T11:00:00Z') + index * 2_399),
      },
      { epoch: 1, owner: 'run-1', until: 0 },
    );
    for (const value of Object.values(row)) {
      expect(String(value).length).toBeLessThanOrEqual(MAX_STRING_PROPERTY_LENGTH);
    }
  });

  it('shows instants as a person reads them', () => {
    expect(plainRow).toMatchObject({
      watermark: '2026-11-21T12:00:00.1234567Z',
      sweep: '{"from":"2026-11-20T12:00:00.0000000Z","to":"2026-11-21T11:45:00.0000000Z"}',
      leaseUntil: '2026-11-21T12:03:00.000Z',
    });
  });

  it('says in full what is wrong and how it is mended', () => {
    expect(readWith({ watermark: 'soon' })).toThrow(
      new CheckpointUntrusted('contoso.example', 'endpoint', '`watermark` is not a timestamp'),
    );
    expect(readWith({ watermark: 'soon' })).toThrow(
      'The checkpoint of tenant contoso.example, source endpoint cannot be trusted: `watermark` is not a timestamp. ' +
        'Look at it with `npm run checkpoint -- show`, then set it to the last instant you are sure of with ' +
        '`npm run checkpoint -- set --watermark <timestamp> --reason "<why>"`; versions handed over before are not repeated.',
    );
  });

  const instants = ['startedFrom', 'watermark', 'rereadFrom', 'sweptAt'].map((name) => ({
    name,
    values: [undefined, '', 'soon', 5, true, '2026-11-21', '2026-02-30T00:00:00Z'],
  }));
  const times = ['throttledUntil', 'lastSuccess', 'leaseUntil'].map((name) => ({
    name,
    values: ['soon', 5, true],
  }));
  const reversed = '{"from":"2026-11-21T00:00:00Z","to":"2026-11-20T00:00:00Z"}';
  const empty = '{"from":"2026-11-21T00:00:00Z","to":"2026-11-21T00:00:00Z"}';
  const windows = [
    'null',
    '1',
    '{}',
    '{"from":"2026-11-21T00:00:00Z"}',
    '{"from":1,"to":2}',
    reversed,
    empty,
  ];

  it.each([
    ...instants,
    ...times,
    {
      name: 'gaps',
      values: [undefined, '', '{', 5, '{}', 'null', '"[]"', ...windows.map((found) => `[${found}]`)],
    },
    { name: 'sweep', values: ['{', true, ...windows] },
    { name: 'calls', values: ['soon', 5, ' ', '1,2', '1 -1', '-1', '1.5', '1  2', '[1]', 'Infinity'] },
  ])('is untrusted by its `$name` when that is none of $values', ({ name, values }) => {
    for (const value of values) {
      expect(readWith({ [name]: value }), String(value)).toThrow(CheckpointUntrusted);
      expect(readWith({ [name]: value }), String(value)).toThrow(`\`${name}\``);
    }
  });

  it.each([undefined, 0, 2, '1', 'x'])('is untrusted when its schema version is %j', (schemaVersion) => {
    expect(readWith({ schemaVersion })).toThrow(
      `its schema version is ${String(schemaVersion)}, and this release knows 1`,
    );
  });

  it('is either read or untrusted, whatever a property was changed to', () => {
    const name = fc.constantFrom(...Object.keys(plainRow));
    const value = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.json(),
      fc.double(),
      fc.boolean(),
      fc.bigInt(),
      fc.date(),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(name, value, (property, content) => {
        try {
          readWith({ [property]: content })();
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointUntrusted);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('tries a gap at once when only what paces the tries cannot be read', () => {
    const gap = '[{"from":"2026-11-20T00:00:00Z","to":"2026-11-21T00:00:00Z","since":"x","attempts":"y"}]';
    expect(readWith({ gaps: gap })().checkpoint.gaps).toMatchObject([{ attempts: 0, nextTryAt: 0 }]);
  });
});
