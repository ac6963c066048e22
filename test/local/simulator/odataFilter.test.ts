import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparable, FilterSchema } from '../../../local/simulator/odata/FilterExpression.ts';
import { isSelected } from '../../../local/simulator/odata/isSelected.ts';
import { ODataError, ODataNotSimulatedError } from '../../../local/simulator/odata/ODataError.ts';
import { parseFilter } from '../../../local/simulator/odata/parseFilter.ts';
import { findTicks } from '../../../local/simulator/clock/ticks.ts';

const schema: FilterSchema = {
  properties: {
    changed: { kind: 'instant' },
    count: { kind: 'number' },
    name: { kind: 'string' },
    level: { kind: 'enum', members: ['Low', 'High'] },
  },
  aliases: { Count: 'count' },
};

/** A record as a test writes it: instants as text of full length, so that they compare as text. */
interface Row {
  readonly changed: string | null;
  readonly count: number | null;
  readonly name: string | null;
  readonly level: string | null;
}

/** A filter, and what it means, worked out without the parser. */
interface Meaning {
  readonly text: string;
  readonly holds: (row: Row) => boolean;
}

const fewInstants = ['00', '01', '59'].flatMap((second) =>
  ['0000000', '0000001', '1000000', '9999999'].map((fraction) => `2026-01-01T00:00:${second}.${fraction}Z`),
);
const fewNames = ['', 'a', "it's", 'Ä b', ') or (', 'null'];

const rows: fc.Arbitrary<Row> = fc.record({
  changed: fc.option(fc.constantFrom(...fewInstants)),
  count: fc.option(fc.integer({ min: -2, max: 2 })),
  name: fc.option(fc.constantFrom(...fewNames)),
  level: fc.option(fc.constantFrom('Low', 'High')),
});

const orders: Readonly<Record<string, (left: string | number, right: string | number) => boolean>> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
};

function compare(property: keyof Row, literal: string, value: string | number, operator: string): Meaning {
  return {
    text: `${property} ${operator} ${literal}`,
    holds: (row) => {
      const given = row[property];
      return given === null ? operator === 'ne' : (orders[operator]?.(given, value) ?? false);
    },
  };
}

/** Trailing zeros of the fraction do not change an instant. */
const trim = (instant: string): string => instant.replace(/\.?0*Z$/, 'Z').replace(/:00Z$/, ':00Z');

const anyOperator = fc.constantFrom(...Object.keys(orders));
const comparisons: fc.Arbitrary<Meaning> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...fewInstants), anyOperator, fc.boolean())
    .map(([value, operator, isTrimmed]) =>
      compare('changed', isTrimmed ? trim(value) : value, value, operator),
    ),
  fc
    .tuple(fc.integer({ min: -2, max: 2 }), anyOperator)
    .map(([value, operator]) => compare('count', String(value), value, operator)),
  fc
    .tuple(fc.constantFrom(...fewNames), anyOperator)
    .map(([value, operator]) => compare('name', `'${value.replaceAll("'", "''")}'`, value, operator)),
  fc
    .tuple(fc.constantFrom('Low', 'High'), fc.constantFrom('eq', 'ne'))
    .map(([value, operator]) => compare('level', `'${value}'`, value, operator)),
  fc.tuple(fc.constantFrom('changed', 'count', 'name', 'level'), anyOperator).map(([property, operator]) => ({
    text: `${property} ${operator} null`,
    holds: (row: Row) => {
      const isNull = row[property] === null;
      return operator === 'eq' ? isNull : operator === 'ne' && !isNull;
    },
  })),
);

const filters: fc.Arbitrary<Meaning> = fc.letrec<{ filter: Meaning }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    comparisons,
    fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map(([left, word, right]) => ({
      text: `(${left.text}) ${word} ( ${right.text} )`,
      holds: (row: Row) =>
        word === 'and' ? left.holds(row) && right.holds(row) : left.holds(row) || right.holds(row),
    })),
    tie('filter').map(({ text, holds }) => ({ text: `not (${text})`, holds: (row: Row) => !holds(row) })),
  ),
})).filter;

function evaluate(text: string, row: Row): boolean {
  const read = (property: string): Comparable | null => {
    const value = row[property as keyof Row];
    return property === 'changed' && value !== null ? (findTicks(String(value)) ?? null) : value;
  };
  return isSelected(parseFilter(text, schema), read);
}

describe('An OData filter', () => {
  it('selects exactly the rows that its meaning selects', () => {
    fc.assert(
      fc.property(filters, rows, ({ text, holds }, row) => {
        expect(evaluate(text, row)).toBe(holds(row));
      }),
      { numRuns: 2000 },
    );
  });

  it('binds and tighter than or', () => {
    fc.assert(
      fc.property(comparisons, comparisons, comparisons, rows, (a, b, c, row) => {
        expect(evaluate(`${a.text} or ${b.text} and ${c.text}`, row)).toBe(
          a.holds(row) || (b.holds(row) && c.holds(row)),
        );
        expect(evaluate(`${a.text} and ${b.text} or ${c.text}`, row)).toBe(
          (a.holds(row) && b.holds(row)) || c.holds(row),
        );
      }),
    );
  });

  it('is either understood or refused as OData, whatever the text', () => {
    const words = fc.constantFrom(
      'changed',
      'count',
      'not',
      'and',
      'or',
      'eq',
      'in',
      '(',
      ')',
      ',',
      "'",
      '1',
      'null',
      '2026-01-01Z',
      ' ',
      'x/y',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join(' ')),
        ),
        (text) => {
          try {
            parseFilter(text, schema);
          } catch (error) {
            expect(error instanceof ODataError || error instanceof ODataNotSimulatedError).toBe(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a documented spelling of a property', 'Count eq 1'],
    ['a day alone, as in the samples (exposed-apis-odata-samples)', 'changed gt 2026-01-01Z'],
    ['an offset', 'changed gt 2026-01-01T00:00:00+02:00'],
  ])('takes %s', (_case, text) => {
    expect(() => parseFilter(text, schema)).not.toThrow();
  });

  it.each([
    ['another case of a property', 'COUNT eq 1'],
    ['another case of an operator', 'count EQ 1'],
    ['a quoted instant', "changed ge '2026-01-01T00:00:00Z'"],
    ['an instant without zone', 'changed ge 2026-01-01T00:00:00'],
    ['a day without zone', 'changed ge 2026-01-01'],
    ['a day that does not exist', 'changed ge 2026-02-30T00:00:00Z'],
    ['eight fractional digits', 'changed ge 2026-01-01T00:00:00.00000001Z'],
    ['text for a number', "count eq '1'"],
    ['a number for text', 'name eq 1'],
    ['a member that the enumeration has not', "level eq 'Middle'"],
    ['an order of an enumeration', "level gt 'Low'"],
    ['not without parentheses', "not level eq 'Low'"],
    ['a missing space', "level eq'Low'"],
    ['a missing space before a word', "(level eq 'Low')and (count eq 1)"],
    ['an unclosed parenthesis', '(count eq 1'],
    ['a parenthesis too many', 'count eq 1)'],
    ['an unclosed string', "name eq 'x"],
    ['two comparisons side by side', 'count eq 1 count eq 2'],
    ['a literal on the left', '1 eq count'],
    ['in, which is not documented for this API', "level in ('Low','High')"],
    ['a property of Object.prototype', 'constructor eq null'],
    ['nothing', ''],
  ])('refuses %s', (_case, text) => {
    expect(() => parseFilter(text, schema)).toThrow(ODataError);
  });

  it.each([
    ['a function', "contains(name,'x')"],
    ['a path', 'name/length eq 1'],
    ['any()', "tags/any(t:t eq 'x')"],
  ])('says that %s is not simulated', (_case, text) => {
    expect(() => parseFilter(text, schema)).toThrow(ODataNotSimulatedError);
  });

  it('refuses deep nesting without exhausting the stack', () => {
    const text = `${'('.repeat(50_000)}count eq 1${')'.repeat(50_000)}`;
    expect(() => parseFilter(text, schema)).toThrow('nested too deeply');
  });
});
