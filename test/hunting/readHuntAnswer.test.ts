import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ROWS, readHuntAnswer } from '../../src/hunting/readHuntAnswer.ts';

describe('the answer to a hunt', () => {
  const expected = {
    columns: [
      { name: 'Timestamp', type: 'DateTime' },
      { name: 'DeviceName', type: 'String' },
    ],
    rows: [{ Timestamp: '2026-11-21T12:00:00Z', DeviceName: 'x' }],
    rowCount: 1,
    truncated: false,
    requestId: 'r-1',
  };
  const rows = [{ Timestamp: '2026-11-21T12:00:00Z', DeviceName: 'x' }];

  it.each([
    [
      'Graph writes it',
      {
        '@odata.context':
          'https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.security.huntingQueryResults',
        schema: [
          { name: 'Timestamp', type: 'DateTime' },
          { name: 'DeviceName', type: 'String' },
        ],
        results: rows,
      },
    ],
    [
      'Defender writes it, with statistics',
      {
        Stats: { ExecutionTime: 4.6, resource_usage: {} },
        Schema: [
          { Name: 'Timestamp', Type: 'DateTime' },
          { Name: 'DeviceName', Type: 'String' },
        ],
        Results: rows,
      },
    ],
    [
      "an example of Graph's own documentation mixes it",
      {
        schema: [
          { Name: 'Timestamp', Type: 'DateTime' },
          { Name: 'DeviceName', Type: 'String' },
        ],
        results: rows,
      },
    ],
  ])('is the same, as %s', (_title, answer) => {
    expect(readHuntAnswer(answer, 'r-1')).toEqual(expected);
  });

  it('loses the types that Graph puts beside the values, and nothing else', () => {
    const answer = {
      schema: [{ name: 'DeviceId', type: 'String', '@odata.type': '#x' }],
      results: [
        {
          '@odata.type': '#microsoft.graph.security.huntingRowResult',
          'Count@odata.type': '#Int64',
          'Count@odata.context': 'x',
          Count: 5,
          email: 'ana@odata.example',
          Nothing: null,
          Tags: ['a'],
        },
      ],
    };
    expect(readHuntAnswer(answer, undefined)?.rows).toEqual([
      { Count: 5, Nothing: null, Tags: ['a'], email: 'ana@odata.example' },
    ]);
  });

  it('may have no rows, and has its columns then, too', () => {
    const answer = { schema: [{ name: 'DeviceId', type: 'String' }], results: [] };
    expect(readHuntAnswer(answer, undefined)).toMatchObject({
      columns: [{ name: 'DeviceId', type: 'String' }],
      rows: [],
      rowCount: 0,
      truncated: false,
    });
  });

  it('is told to be cut when it has as many rows as there can be', () => {
    const results = Array.from({ length: MAX_ROWS }, () => ({}));
    expect(readHuntAnswer({ schema: [], results }, undefined)).toMatchObject({
      rowCount: 100_000,
      truncated: true,
    });
    results.pop();
    expect(readHuntAnswer({ schema: [], results }, undefined)).toMatchObject({
      rowCount: 99_999,
      truncated: false,
    });
  });

  it('keeps a column without a type, and leaves out what is no column', () => {
    const schema = [{ name: 'a' }, { type: 'String' }, null, 'b', { name: 5 }];
    expect(readHuntAnswer({ schema, results: [] }, undefined)?.columns).toEqual([
      { name: 'a', type: 'Unknown' },
    ]);
  });

  it.each([
    {},
    { schema: [] },
    { results: [] },
    { schema: {}, results: [] },
    { schema: [], results: 'x' },
    { value: [] },
  ])('is none in %j', (answer) => {
    expect(readHuntAnswer(answer, undefined)).toBeUndefined();
  });

  it('keeps every value of every row as it came', () => {
    const name = fc.stringMatching(/^[A-Za-z_]\w{0,10}$/);
    fc.assert(
      fc.property(fc.array(fc.dictionary(name, fc.jsonValue()), { maxLength: 5 }), (results) => {
        const annotated = results.map((row) => ({
          ...row,
          ...Object.fromEntries(Object.keys(row).map((key) => [`${key}@odata.type`, '#String'])),
        }));
        expect(readHuntAnswer({ schema: [], results: annotated }, undefined)?.rows).toEqual(
          results.map((row) => ({ ...row })),
        );
      }),
    );
  });
});
